package dev.bert4j.backend.vector;

import static dev.bert4j.backend.reference.ScalarMath.*;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Softmax} at one width. Its steps hand maxima and sums to each other through the state, since a vector that
 * crosses a call may be boxed; {@link PointwiseKernel} says more.
 */
final class SoftmaxKernel implements Softmax {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final long BYTES = S.vectorByteSize();
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    SoftmaxKernel() {
    }

    @Override
    public void begin(MemorySegment state, long laneBytes, int vectors) {
        MemorySegment rows = state.asSlice(0);
        for (long o = 0; o < vectors * BYTES; o += BYTES) {
            FloatVector.broadcast(S, -Float.MAX_VALUE).intoMemorySegment(rows, o, NATIVE);
            FloatVector.zero(S).intoMemorySegment(rows, o + laneBytes, NATIVE);
        }
    }

    @Override
    public void scale(MemorySegment scores, int keys, long laneBytes, int vectors, float scale, float[] mask,
            int maskFrom) {
        for (int key = 0; key < keys; key++) {
            float add = mask == null ? 0 : mask[maskFrom + key];
            MemorySegment row = scores.asSlice(key * laneBytes, vectors * BYTES);
            for (long o = 0; o < row.byteSize(); o += BYTES) {
                FloatVector.fromMemorySegment(S, row, o, NATIVE).lanewise(FMA, scale, add)
                        .intoMemorySegment(row, o, NATIVE);
            }
        }
    }

    @Override
    public void scale(MemorySegment scores, int keys, long laneBytes, int vectors, float scale, MemorySegment mask) {
        MemorySegment add = mask.asSlice(0);
        for (int key = 0; key < keys; key++) {
            MemorySegment row = scores.asSlice(key * laneBytes, vectors * BYTES);
            for (long o = 0; o < row.byteSize(); o += BYTES) {
                FloatVector.fromMemorySegment(S, row, o, NATIVE)
                        .lanewise(FMA, scale, FloatVector.fromMemorySegment(S, add, o, NATIVE))
                        .intoMemorySegment(row, o, NATIVE);
            }
        }
    }

    @Override
    public void block(MemorySegment scores, int keys, long laneBytes, int vectors, MemorySegment state) {
        for (long column = 0; column < vectors * BYTES; column += BYTES) {
            maximum(scores, keys, laneBytes, column, state);
            MemorySegment factors = state.asSlice(FACTOR_ROW * laneBytes);
            exponentials(factors, 1, laneBytes, column, state);
            exponentials(scores, keys, laneBytes, column, state);
            sum(laneBytes, column, state);
        }
    }

    /** Takes the scores into the running maximum and leaves the one before in the row of the factors. */
    private static void maximum(MemorySegment scores, int keys, long laneBytes, long column, MemorySegment state) {
        MemorySegment rows = scores.asSlice(column);
        MemorySegment running = state.asSlice(column);
        FloatVector maximum = FloatVector.fromMemorySegment(S, running, MAXIMUM_ROW * laneBytes, NATIVE);
        maximum.intoMemorySegment(running, FACTOR_ROW * laneBytes, NATIVE);
        for (int key = 0; key < keys; key++) {
            FloatVector score = FloatVector.fromMemorySegment(S, rows, key * laneBytes, NATIVE);
            // A comparison and a choice; MAX would have to mind NaN and the sign of zero.
            maximum = maximum.blend(score, score.compare(GT, maximum));
        }
        maximum.intoMemorySegment(running, MAXIMUM_ROW * laneBytes, NATIVE);
    }

    /** Replaces scores by {@code exp(score − maximum)} and leaves their sum in its row. */
    private static void exponentials(MemorySegment scores, int keys, long laneBytes, long column,
            MemorySegment state) {
        MemorySegment rows = scores.asSlice(column);
        MemorySegment running = state.asSlice(column);
        FloatVector maximum = FloatVector.fromMemorySegment(S, running, MAXIMUM_ROW * laneBytes, NATIVE);
        FloatVector sum = FloatVector.zero(S);
        for (int key = 0; key < keys; key++) {
            FloatVector x = FloatVector.fromMemorySegment(S, rows, key * laneBytes, NATIVE).sub(maximum);
            FloatVector shifted = x.lanewise(FMA, LOG2_E, ROUND);
            FloatVector n = shifted.sub(ROUND);
            FloatVector r = n.lanewise(FMA, -LN2_LOW, n.lanewise(FMA, -LN2_HIGH, x));
            FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
            q = q.lanewise(FMA, r, E3);
            q = q.lanewise(FMA, r, E2);
            q = q.lanewise(FMA, r, E1);
            q = q.lanewise(FMA, r, E0);
            q = r.mul(r).fma(q, r);
            FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats();
            FloatVector p = q.add(1).mul(power).blend(0f, x.compare(LT, EXP_MIN));
            p.intoMemorySegment(rows, key * laneBytes, NATIVE);
            sum = sum.add(p);
        }
        sum.intoMemorySegment(running, BLOCK_SUM_ROW * laneBytes, NATIVE);
    }

    /** Takes the sum of a block into the running sum. */
    private static void sum(long laneBytes, long column, MemorySegment state) {
        MemorySegment running = state.asSlice(column);
        FloatVector factor = FloatVector.fromMemorySegment(S, running, FACTOR_ROW * laneBytes, NATIVE);
        FloatVector block = FloatVector.fromMemorySegment(S, running, BLOCK_SUM_ROW * laneBytes, NATIVE);
        FloatVector.fromMemorySegment(S, running, SUM_ROW * laneBytes, NATIVE).fma(factor, block)
                .intoMemorySegment(running, SUM_ROW * laneBytes, NATIVE);
    }

    @Override
    public void rescale(MemorySegment rows, int count, long laneBytes, int vectors, MemorySegment state) {
        multiply(rows, count, laneBytes, vectors, state, FACTOR_ROW);
    }

    @Override
    public void finish(MemorySegment rows, int count, long laneBytes, int vectors, MemorySegment state,
            float factor) {
        for (long column = 0; column < vectors * BYTES; column += BYTES) {
            MemorySegment running = state.asSlice(column);
            FloatVector.broadcast(S, 1).div(FloatVector.fromMemorySegment(S, running, SUM_ROW * laneBytes, NATIVE))
                    .mul(factor).intoMemorySegment(running, FACTOR_ROW * laneBytes, NATIVE);
        }
        multiply(rows, count, laneBytes, vectors, state, FACTOR_ROW);
    }

    @Override
    public void probabilities(MemorySegment scores, int keys, long laneBytes, int vectors, MemorySegment state) {
        for (long column = 0; column < vectors * BYTES; column += BYTES) {
            exponentials(scores, keys, laneBytes, column, state);
        }
        multiply(scores, keys, laneBytes, vectors, state, FACTOR_ROW);
    }

    /** Multiplies rows by a row of the state. */
    private static void multiply(MemorySegment rows, int count, long laneBytes, int vectors, MemorySegment state,
            int stateRow) {
        MemorySegment by = state.asSlice(stateRow * laneBytes, vectors * BYTES);
        for (int i = 0; i < count; i++) {
            MemorySegment row = rows.asSlice(i * laneBytes, vectors * BYTES);
            for (long o = 0; o < row.byteSize(); o += BYTES) {
                FloatVector.fromMemorySegment(S, row, o, NATIVE).mul(FloatVector.fromMemorySegment(S, by, o, NATIVE))
                        .intoMemorySegment(row, o, NATIVE);
            }
        }
    }
}
