package dev.bert4j.backend.vector;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link PanelGemm} for panels of two vectors, in the form that {@link GemmPair} explains. */
final class PanelGemmPair implements PanelGemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final int V = S.length();
    private static final int STEP = 2 * V;
    private static final int ROW_STEP = Width.rowStep(MethodHandles.lookup());

    PanelGemmPair() {
    }

    @Override
    public void accumulateRows(float[] w, int wAt, int rowStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        assert ROW_STEP == 0 || ROW_STEP == rowStep;
        int even = depth & -2;
        int tiled = rows & -4;
        for (int row = 0; row < tiled; row += 4) {
            rows(w, wAt + row * rowStep, rowStep, even, x, xAt, y, yAt + row * STEP);
        }
        for (int row = tiled; row < rows; row++) {
            tile1(w, wAt + row * rowStep, 1, depth, x, xAt, y, yAt + row * STEP);
        }
        if (even < depth) {
            for (int row = 0; row < tiled; row++) {
                tile1(w, wAt + row * rowStep + even, 1, 1, x, xAt + even * STEP, y, yAt + row * STEP);
            }
        }
    }

    private static void rows(float[] w, int wAt, int told, int depth, float[] x, int xAt, float[] y, int yAt) {
        int rowStep = ROW_STEP == 0 ? told : ROW_STEP;
        FloatVector a00 = FloatVector.fromArray(S, y, yAt);
        FloatVector a01 = FloatVector.fromArray(S, y, yAt + V);
        FloatVector a10 = FloatVector.fromArray(S, y, yAt + STEP);
        FloatVector a11 = FloatVector.fromArray(S, y, yAt + STEP + V);
        FloatVector a20 = FloatVector.fromArray(S, y, yAt + 2 * STEP);
        FloatVector a21 = FloatVector.fromArray(S, y, yAt + 2 * STEP + V);
        FloatVector a30 = FloatVector.fromArray(S, y, yAt + 3 * STEP);
        FloatVector a31 = FloatVector.fromArray(S, y, yAt + 3 * STEP + V);
        for (int k = 0; k < depth; k += 2) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            FloatVector x1 = FloatVector.fromArray(S, x, xAt + k * STEP + V);
            FloatVector b0 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + k]));
            a00 = b0.fma(x0, a00);
            a01 = b0.fma(x1, a01);
            FloatVector b1 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + rowStep + k]));
            a10 = b1.fma(x0, a10);
            a11 = b1.fma(x1, a11);
            FloatVector b2 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 2 * rowStep + k]));
            a20 = b2.fma(x0, a20);
            a21 = b2.fma(x1, a21);
            FloatVector b3 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 3 * rowStep + k]));
            a30 = b3.fma(x0, a30);
            a31 = b3.fma(x1, a31);
            FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
            FloatVector x1n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP + V);
            FloatVector b0n = VECTOR.cast(FloatVector.broadcast(S, w[wAt + k + 1]));
            a00 = b0n.fma(x0n, a00);
            a01 = b0n.fma(x1n, a01);
            FloatVector b1n = VECTOR.cast(FloatVector.broadcast(S, w[wAt + rowStep + k + 1]));
            a10 = b1n.fma(x0n, a10);
            a11 = b1n.fma(x1n, a11);
            FloatVector b2n = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 2 * rowStep + k + 1]));
            a20 = b2n.fma(x0n, a20);
            a21 = b2n.fma(x1n, a21);
            FloatVector b3n = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 3 * rowStep + k + 1]));
            a30 = b3n.fma(x0n, a30);
            a31 = b3n.fma(x1n, a31);
        }
        VECTOR.cast(a00).intoArray(y, yAt);
        VECTOR.cast(a01).intoArray(y, yAt + V);
        VECTOR.cast(a10).intoArray(y, yAt + STEP);
        VECTOR.cast(a11).intoArray(y, yAt + STEP + V);
        VECTOR.cast(a20).intoArray(y, yAt + 2 * STEP);
        VECTOR.cast(a21).intoArray(y, yAt + 2 * STEP + V);
        VECTOR.cast(a30).intoArray(y, yAt + 3 * STEP);
        VECTOR.cast(a31).intoArray(y, yAt + 3 * STEP + V);
    }

    @Override
    public void accumulateColumns(float[] w, int wAt, int depthStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        int even = depth & -2;
        int tiled = rows & -4;
        for (int row = 0; row < tiled; row += 4) {
            columns(w, wAt + row, depthStep, even, x, xAt, y, yAt + row * STEP);
        }
        for (int row = tiled; row < rows; row++) {
            tile1(w, wAt + row, depthStep, depth, x, xAt, y, yAt + row * STEP);
        }
        if (even < depth) {
            for (int row = 0; row < tiled; row++) {
                tile1(w, wAt + even * depthStep + row, depthStep, 1, x, xAt + even * STEP, y, yAt + row * STEP);
            }
        }
    }

    private static void columns(float[] w, int wAt, int depthStep, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        FloatVector a00 = FloatVector.fromArray(S, y, yAt);
        FloatVector a01 = FloatVector.fromArray(S, y, yAt + V);
        FloatVector a10 = FloatVector.fromArray(S, y, yAt + STEP);
        FloatVector a11 = FloatVector.fromArray(S, y, yAt + STEP + V);
        FloatVector a20 = FloatVector.fromArray(S, y, yAt + 2 * STEP);
        FloatVector a21 = FloatVector.fromArray(S, y, yAt + 2 * STEP + V);
        FloatVector a30 = FloatVector.fromArray(S, y, yAt + 3 * STEP);
        FloatVector a31 = FloatVector.fromArray(S, y, yAt + 3 * STEP + V);
        for (int k = 0; k < depth; k += 2) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            FloatVector x1 = FloatVector.fromArray(S, x, xAt + k * STEP + V);
            int o = wAt + k * depthStep;
            FloatVector b0 = VECTOR.cast(FloatVector.broadcast(S, w[o]));
            a00 = b0.fma(x0, a00);
            a01 = b0.fma(x1, a01);
            FloatVector b1 = VECTOR.cast(FloatVector.broadcast(S, w[o + 1]));
            a10 = b1.fma(x0, a10);
            a11 = b1.fma(x1, a11);
            FloatVector b2 = VECTOR.cast(FloatVector.broadcast(S, w[o + 2]));
            a20 = b2.fma(x0, a20);
            a21 = b2.fma(x1, a21);
            FloatVector b3 = VECTOR.cast(FloatVector.broadcast(S, w[o + 3]));
            a30 = b3.fma(x0, a30);
            a31 = b3.fma(x1, a31);
            FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
            FloatVector x1n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP + V);
            int on = wAt + (k + 1) * depthStep;
            FloatVector b0n = VECTOR.cast(FloatVector.broadcast(S, w[on]));
            a00 = b0n.fma(x0n, a00);
            a01 = b0n.fma(x1n, a01);
            FloatVector b1n = VECTOR.cast(FloatVector.broadcast(S, w[on + 1]));
            a10 = b1n.fma(x0n, a10);
            a11 = b1n.fma(x1n, a11);
            FloatVector b2n = VECTOR.cast(FloatVector.broadcast(S, w[on + 2]));
            a20 = b2n.fma(x0n, a20);
            a21 = b2n.fma(x1n, a21);
            FloatVector b3n = VECTOR.cast(FloatVector.broadcast(S, w[on + 3]));
            a30 = b3n.fma(x0n, a30);
            a31 = b3n.fma(x1n, a31);
        }
        VECTOR.cast(a00).intoArray(y, yAt);
        VECTOR.cast(a01).intoArray(y, yAt + V);
        VECTOR.cast(a10).intoArray(y, yAt + STEP);
        VECTOR.cast(a11).intoArray(y, yAt + STEP + V);
        VECTOR.cast(a20).intoArray(y, yAt + 2 * STEP);
        VECTOR.cast(a21).intoArray(y, yAt + 2 * STEP + V);
        VECTOR.cast(a30).intoArray(y, yAt + 3 * STEP);
        VECTOR.cast(a31).intoArray(y, yAt + 3 * STEP + V);
    }

    private static void tile1(float[] w, int wAt, int depthStep, int depth, float[] x, int xAt, float[] y, int yAt) {
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + V);
        for (int k = 0; k < depth; k++) {
            FloatVector b = VECTOR.cast(FloatVector.broadcast(S, w[wAt + k * depthStep]));
            a0 = b.fma(FloatVector.fromArray(S, x, xAt + k * STEP), a0);
            a1 = b.fma(FloatVector.fromArray(S, x, xAt + k * STEP + V), a1);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
        VECTOR.cast(a1).intoArray(y, yAt + V);
    }
}
