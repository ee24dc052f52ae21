package dev.bert4j.backend.vector;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link PanelGemm} for panels of one vector, in the form that {@link GemmPair} explains. */
final class PanelGemmSingle implements PanelGemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final int STEP = Width.step(MethodHandles.lookup());
    /** A constant where it can be: C2 has too few registers for the places of eight rows. */
    private static final int ROW_STEP = Width.rowStep(MethodHandles.lookup());

    PanelGemmSingle() {
    }

    @Override
    public void accumulateRows(float[] w, int wAt, int rowStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        assert ROW_STEP == 0 || ROW_STEP == rowStep;
        int even = depth & -2;
        int tiled = rows & -8;
        for (int row = 0; row < tiled; row += 8) {
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
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + STEP);
        FloatVector a2 = FloatVector.fromArray(S, y, yAt + 2 * STEP);
        FloatVector a3 = FloatVector.fromArray(S, y, yAt + 3 * STEP);
        FloatVector a4 = FloatVector.fromArray(S, y, yAt + 4 * STEP);
        FloatVector a5 = FloatVector.fromArray(S, y, yAt + 5 * STEP);
        FloatVector a6 = FloatVector.fromArray(S, y, yAt + 6 * STEP);
        FloatVector a7 = FloatVector.fromArray(S, y, yAt + 7 * STEP);
        for (int k = 0; k < depth; k += 2) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            a0 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + k])).fma(x0, a0);
            a1 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + rowStep + k])).fma(x0, a1);
            a2 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 2 * rowStep + k])).fma(x0, a2);
            a3 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 3 * rowStep + k])).fma(x0, a3);
            a4 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 4 * rowStep + k])).fma(x0, a4);
            a5 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 5 * rowStep + k])).fma(x0, a5);
            a6 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 6 * rowStep + k])).fma(x0, a6);
            a7 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 7 * rowStep + k])).fma(x0, a7);
            FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
            a0 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + k + 1])).fma(x0n, a0);
            a1 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + rowStep + k + 1])).fma(x0n, a1);
            a2 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 2 * rowStep + k + 1])).fma(x0n, a2);
            a3 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 3 * rowStep + k + 1])).fma(x0n, a3);
            a4 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 4 * rowStep + k + 1])).fma(x0n, a4);
            a5 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 5 * rowStep + k + 1])).fma(x0n, a5);
            a6 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 6 * rowStep + k + 1])).fma(x0n, a6);
            a7 = VECTOR.cast(FloatVector.broadcast(S, w[wAt + 7 * rowStep + k + 1])).fma(x0n, a7);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
        VECTOR.cast(a1).intoArray(y, yAt + STEP);
        VECTOR.cast(a2).intoArray(y, yAt + 2 * STEP);
        VECTOR.cast(a3).intoArray(y, yAt + 3 * STEP);
        VECTOR.cast(a4).intoArray(y, yAt + 4 * STEP);
        VECTOR.cast(a5).intoArray(y, yAt + 5 * STEP);
        VECTOR.cast(a6).intoArray(y, yAt + 6 * STEP);
        VECTOR.cast(a7).intoArray(y, yAt + 7 * STEP);
    }

    @Override
    public void accumulateColumns(float[] w, int wAt, int depthStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        int even = depth & -2;
        int tiled = rows & -8;
        for (int row = 0; row < tiled; row += 8) {
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
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + STEP);
        FloatVector a2 = FloatVector.fromArray(S, y, yAt + 2 * STEP);
        FloatVector a3 = FloatVector.fromArray(S, y, yAt + 3 * STEP);
        FloatVector a4 = FloatVector.fromArray(S, y, yAt + 4 * STEP);
        FloatVector a5 = FloatVector.fromArray(S, y, yAt + 5 * STEP);
        FloatVector a6 = FloatVector.fromArray(S, y, yAt + 6 * STEP);
        FloatVector a7 = FloatVector.fromArray(S, y, yAt + 7 * STEP);
        for (int k = 0; k < depth; k += 2) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            int o = wAt + k * depthStep;
            a0 = VECTOR.cast(FloatVector.broadcast(S, w[o])).fma(x0, a0);
            a1 = VECTOR.cast(FloatVector.broadcast(S, w[o + 1])).fma(x0, a1);
            a2 = VECTOR.cast(FloatVector.broadcast(S, w[o + 2])).fma(x0, a2);
            a3 = VECTOR.cast(FloatVector.broadcast(S, w[o + 3])).fma(x0, a3);
            a4 = VECTOR.cast(FloatVector.broadcast(S, w[o + 4])).fma(x0, a4);
            a5 = VECTOR.cast(FloatVector.broadcast(S, w[o + 5])).fma(x0, a5);
            a6 = VECTOR.cast(FloatVector.broadcast(S, w[o + 6])).fma(x0, a6);
            a7 = VECTOR.cast(FloatVector.broadcast(S, w[o + 7])).fma(x0, a7);
            FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
            int on = wAt + (k + 1) * depthStep;
            a0 = VECTOR.cast(FloatVector.broadcast(S, w[on])).fma(x0n, a0);
            a1 = VECTOR.cast(FloatVector.broadcast(S, w[on + 1])).fma(x0n, a1);
            a2 = VECTOR.cast(FloatVector.broadcast(S, w[on + 2])).fma(x0n, a2);
            a3 = VECTOR.cast(FloatVector.broadcast(S, w[on + 3])).fma(x0n, a3);
            a4 = VECTOR.cast(FloatVector.broadcast(S, w[on + 4])).fma(x0n, a4);
            a5 = VECTOR.cast(FloatVector.broadcast(S, w[on + 5])).fma(x0n, a5);
            a6 = VECTOR.cast(FloatVector.broadcast(S, w[on + 6])).fma(x0n, a6);
            a7 = VECTOR.cast(FloatVector.broadcast(S, w[on + 7])).fma(x0n, a7);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
        VECTOR.cast(a1).intoArray(y, yAt + STEP);
        VECTOR.cast(a2).intoArray(y, yAt + 2 * STEP);
        VECTOR.cast(a3).intoArray(y, yAt + 3 * STEP);
        VECTOR.cast(a4).intoArray(y, yAt + 4 * STEP);
        VECTOR.cast(a5).intoArray(y, yAt + 5 * STEP);
        VECTOR.cast(a6).intoArray(y, yAt + 6 * STEP);
        VECTOR.cast(a7).intoArray(y, yAt + 7 * STEP);
    }

    private static void tile1(float[] w, int wAt, int depthStep, int depth, float[] x, int xAt,
            float[] y, int yAt) {
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        for (int k = 0; k < depth; k++) {
            FloatVector b = VECTOR.cast(FloatVector.broadcast(S, w[wAt + k * depthStep]));
            a0 = b.fma(FloatVector.fromArray(S, x, xAt + k * STEP), a0);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
    }
}
