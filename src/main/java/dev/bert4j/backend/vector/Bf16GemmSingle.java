package dev.bert4j.backend.vector;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Gemm} of weights in bf16, in place, for one vector of a panel; {@link GemmPair} explains the form. Two weights
 * are loaded at once, to every lane, and widened there: the low half of each lane, which becomes the high one, and the
 * high half.
 *
 * <p>C2 ceases to inline where a method has 18,000 nodes, and then every vector is an object. Six rows have as many;
 * four leave room for what spoilt profiles add.
 */
final class Bf16GemmSingle implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final VectorSpecies<Integer> INTS = S.withLanes(int.class);
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final Class<? extends IntVector> INT_VECTOR = INTS.vectorType().asSubclass(IntVector.class);
    private static final int STEP = Width.step(MethodHandles.lookup());
    private static final int TILE = 4;

    Bf16GemmSingle() {
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
            tile4(w, at + tile * rowStep, tiles * rowStep, even, x, xAt, y, yAt + tile * STEP, tiles * STEP);
        }
        for (int row = TILE * tiles; row < rows; row++) {
            tile1(w, at + row * rowStep, 0, depth, x, xAt, y, yAt + row * STEP);
        }
        for (int row = 0; even < depth && row < TILE * tiles; row++) {
            tile1(w, at + row * rowStep, even, depth, x, xAt, y, yAt + row * STEP);
        }
    }

    private static void tile4(MemorySegment w, long at, long wStep, int depth, float[] x, int xAt, float[] y,
            int yAt, int yStep) {
        w.isMapped();
        long w1 = at + wStep;
        long w2 = at + 2 * wStep;
        long w3 = at + 3 * wStep;
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + yStep);
        FloatVector a2 = FloatVector.fromArray(S, y, yAt + 2 * yStep);
        FloatVector a3 = FloatVector.fromArray(S, y, yAt + 3 * yStep);
        IntVector mask = IntVector.broadcast(INTS, 0xFFFF0000);
        for (int k = 0; k < depth; k += 2) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            FloatVector x1 = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
            a0 = two(w.get(StoredBf16.TWO, at + 2L * k), x0, x1, mask, a0);
            a1 = two(w.get(StoredBf16.TWO, w1 + 2L * k), x0, x1, mask, a1);
            a2 = two(w.get(StoredBf16.TWO, w2 + 2L * k), x0, x1, mask, a2);
            a3 = two(w.get(StoredBf16.TWO, w3 + 2L * k), x0, x1, mask, a3);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
        VECTOR.cast(a1).intoArray(y, yAt + yStep);
        VECTOR.cast(a2).intoArray(y, yAt + 2 * yStep);
        VECTOR.cast(a3).intoArray(y, yAt + 3 * yStep);
    }

    private static FloatVector two(int weights, FloatVector x0, FloatVector x1, IntVector mask,
            FloatVector sum) {
        IntVector both = INT_VECTOR.cast(IntVector.broadcast(INTS, weights));
        FloatVector first = VECTOR.cast(both.lanewise(LSHL, 16).reinterpretAsFloats());
        FloatVector second = VECTOR.cast(both.lanewise(AND, mask).reinterpretAsFloats());
        return second.fma(x1, first.fma(x0, sum));
    }

    private static void tile1(MemorySegment w, long at, int from, int depth, float[] x, int xAt, float[] y, int yAt) {
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        for (int k = from; k < depth; k++) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            a0 = VECTOR.cast(FloatVector.broadcast(S, StoredBf16.one(w, at + 2L * k))).fma(x0, a0);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
    }
}
