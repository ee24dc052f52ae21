package dev.bert4j.backend.vector;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Gemm} of weights in bf16, in place, for panels of two vectors, as {@link Bf16GemmSingle}. */
final class Bf16GemmPair implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final VectorSpecies<Integer> INTS = S.withLanes(int.class);
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final Class<? extends IntVector> INT_VECTOR = INTS.vectorType().asSubclass(IntVector.class);
    private static final int V = S.length();
    private static final int STEP = 2 * V;
    private static final int TILE = 3;

    Bf16GemmPair() {
    }

    @Override
    public int tileRows() {
        return TILE;
    }

    @Override
    public void accumulate(MemorySegment w, long at, long rowStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        int tiles = rows / TILE;
        int even = depth & -2;
        for (int tile = 0; tile < tiles; tile++) {
            tile3(w, at + tile * rowStep, tiles * rowStep, even, x, xAt, y, yAt + tile * STEP, tiles * STEP);
        }
        for (int row = TILE * tiles; row < rows; row++) {
            tile1(w, at + row * rowStep, 0, depth, x, xAt, y, yAt + row * STEP);
        }
        for (int row = 0; even < depth && row < TILE * tiles; row++) {
            tile1(w, at + row * rowStep, even, depth, x, xAt, y, yAt + row * STEP);
        }
    }

    private static void tile3(MemorySegment w, long at, long wStep, int depth, float[] x, int xAt, float[] y,
            int yAt, int yStep) {
        w.isMapped();
        long w1 = at + wStep;
        long w2 = at + 2 * wStep;
        FloatVector a00 = FloatVector.fromArray(S, y, yAt);
        FloatVector a01 = FloatVector.fromArray(S, y, yAt + V);
        FloatVector a10 = FloatVector.fromArray(S, y, yAt + yStep);
        FloatVector a11 = FloatVector.fromArray(S, y, yAt + yStep + V);
        FloatVector a20 = FloatVector.fromArray(S, y, yAt + 2 * yStep);
        FloatVector a21 = FloatVector.fromArray(S, y, yAt + 2 * yStep + V);
        IntVector mask = IntVector.broadcast(INTS, 0xFFFF0000);
        for (int k = 0; k < depth; k += 2) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            FloatVector x1 = FloatVector.fromArray(S, x, xAt + k * STEP + V);
            FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
            FloatVector x1n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP + V);
            IntVector b0 = both(w.get(StoredBf16.TWO, at + 2L * k));
            FloatVector c0 = first(b0);
            FloatVector d0 = second(b0, mask);
            a00 = d0.fma(x0n, c0.fma(x0, a00));
            a01 = d0.fma(x1n, c0.fma(x1, a01));
            IntVector b1 = both(w.get(StoredBf16.TWO, w1 + 2L * k));
            FloatVector c1 = first(b1);
            FloatVector d1 = second(b1, mask);
            a10 = d1.fma(x0n, c1.fma(x0, a10));
            a11 = d1.fma(x1n, c1.fma(x1, a11));
            IntVector b2 = both(w.get(StoredBf16.TWO, w2 + 2L * k));
            FloatVector c2 = first(b2);
            FloatVector d2 = second(b2, mask);
            a20 = d2.fma(x0n, c2.fma(x0, a20));
            a21 = d2.fma(x1n, c2.fma(x1, a21));
        }
        VECTOR.cast(a00).intoArray(y, yAt);
        VECTOR.cast(a01).intoArray(y, yAt + V);
        VECTOR.cast(a10).intoArray(y, yAt + yStep);
        VECTOR.cast(a11).intoArray(y, yAt + yStep + V);
        VECTOR.cast(a20).intoArray(y, yAt + 2 * yStep);
        VECTOR.cast(a21).intoArray(y, yAt + 2 * yStep + V);
    }

    private static IntVector both(int weights) {
        return INT_VECTOR.cast(IntVector.broadcast(INTS, weights));
    }

    private static FloatVector first(IntVector both) {
        return VECTOR.cast(both.lanewise(LSHL, 16).reinterpretAsFloats());
    }

    private static FloatVector second(IntVector both, IntVector mask) {
        return VECTOR.cast(both.lanewise(AND, mask).reinterpretAsFloats());
    }

    private static void tile1(MemorySegment w, long at, int from, int depth, float[] x, int xAt, float[] y, int yAt) {
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + V);
        for (int k = from; k < depth; k++) {
            FloatVector b = VECTOR.cast(FloatVector.broadcast(S, StoredBf16.one(w, at + 2L * k)));
            a0 = b.fma(FloatVector.fromArray(S, x, xAt + k * STEP), a0);
            a1 = b.fma(FloatVector.fromArray(S, x, xAt + k * STEP + V), a1);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
        VECTOR.cast(a1).intoArray(y, yAt + V);
    }
}
