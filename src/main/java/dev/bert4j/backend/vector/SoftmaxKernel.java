package dev.bert4j.backend.vector;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link Softmax} at one width. */
final class SoftmaxKernel implements Softmax {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final long BYTES = S.vectorByteSize();
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    SoftmaxKernel() {
    }

    @Override
    public void begin(MemorySegment rows, long laneBytes, int vectors) {
        MemorySegment state = rows.asSlice(0);
        for (long o = 0; o < vectors * BYTES; o += BYTES) {
            store(FloatVector.broadcast(S, -Float.MAX_VALUE), state, o);
            store(FloatVector.zero(S), state, o + laneBytes);
        }
    }

    @Override
    public void scale(MemorySegment rows, int keys, long laneBytes, int vectors, float scale, float[] mask,
            int maskFrom) {
        MemorySegment scores = rows.asSlice(0);
        FloatVector factor = FloatVector.broadcast(S, scale);
        for (int key = 0; key < keys; key++) {
            FloatVector add = FloatVector.broadcast(S, mask == null ? 0 : mask[maskFrom + key]);
            for (long o = key * laneBytes, end = o + vectors * BYTES; o < end; o += BYTES) {
                store(load(scores, o).fma(factor, add), scores, o);
            }
        }
    }

    @Override
    public void scale(MemorySegment rows, int keys, long laneBytes, int vectors, float scale, MemorySegment masks) {
        MemorySegment scores = rows.asSlice(0);
        MemorySegment mask = masks.asSlice(0);
        FloatVector factor = FloatVector.broadcast(S, scale);
        for (int key = 0; key < keys; key++) {
            for (long o = key * laneBytes, end = o + vectors * BYTES; o < end; o += BYTES) {
                store(load(scores, o).fma(factor, load(mask, o - key * laneBytes)), scores, o);
            }
        }
    }

    @Override
    public void block(MemorySegment scores, int keys, long laneBytes, int vectors, MemorySegment running) {
        MemorySegment state = running.asSlice(0);
        for (long column = 0; column < vectors * BYTES; column += BYTES) {
            FloatVector before = load(state, column);
            FloatVector maximum = maximum(scores, keys, laneBytes, column, before);
            FloatVector factor = VectorMath.exp(before.sub(maximum));
            FloatVector sum = exponentials(scores, keys, laneBytes, column, maximum);
            store(maximum, state, column);
            store(load(state, column + laneBytes).fma(factor, sum), state, column + laneBytes);
            store(factor, state, column + 2 * laneBytes);
        }
    }

    private static FloatVector maximum(MemorySegment rows, int keys, long laneBytes, long column,
            FloatVector before) {
        FloatVector maximum = before;
        MemorySegment scores = rows.asSlice(column);
        for (int key = 0; key < keys; key++) {
            FloatVector score = load(scores, key * laneBytes);
            // A comparison and a choice; MAX would have to mind NaN and the sign of zero.
            maximum = maximum.blend(score, score.compare(VectorOperators.GT, maximum));
        }
        return maximum;
    }

    private static FloatVector exponentials(MemorySegment rows, int keys, long laneBytes, long column,
            FloatVector maximum) {
        FloatVector sum = FloatVector.zero(S);
        MemorySegment scores = rows.asSlice(column);
        for (int key = 0; key < keys; key++) {
            long o = key * laneBytes;
            FloatVector p = VectorMath.exp(load(scores, o).sub(maximum));
            store(p, scores, o);
            sum = sum.add(p);
        }
        return sum;
    }

    @Override
    public void rescale(MemorySegment rows, int count, long laneBytes, int vectors, MemorySegment state) {
        for (long column = 0; column < vectors * BYTES; column += BYTES) {
            multiply(rows, count, laneBytes, column, load(state.asSlice(column), 2 * laneBytes));
        }
    }

    @Override
    public void finish(MemorySegment rows, int count, long laneBytes, int vectors, MemorySegment state,
            float factor) {
        for (long column = 0; column < vectors * BYTES; column += BYTES) {
            multiply(rows, count, laneBytes, column, inverse(state, laneBytes, column, factor));
        }
    }

    @Override
    public void probabilities(MemorySegment scores, int keys, long laneBytes, int vectors, MemorySegment state,
            float factor) {
        for (long column = 0; column < vectors * BYTES; column += BYTES) {
            exponentials(scores, keys, laneBytes, column, load(state.asSlice(column), 0));
            multiply(scores, keys, laneBytes, column, inverse(state, laneBytes, column, factor));
        }
    }

    private static FloatVector inverse(MemorySegment running, long laneBytes, long column, float factor) {
        MemorySegment state = running.asSlice(column);
        return FloatVector.broadcast(S, 1).div(load(state, laneBytes)).mul(factor);
    }

    private static void multiply(MemorySegment all, int count, long laneBytes, long column, FloatVector by) {
        MemorySegment rows = all.asSlice(column);
        for (int row = 0; row < count; row++) {
            long o = row * laneBytes;
            store(load(rows, o).mul(by), rows, o);
        }
    }

    private static FloatVector load(MemorySegment segment, long offset) {
        return FloatVector.fromMemorySegment(S, segment, offset, NATIVE);
    }

    private static void store(FloatVector v, MemorySegment segment, long offset) {
        v.intoMemorySegment(segment, offset, NATIVE);
    }
}
