package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Norm} at one width. */
final class NormKernel implements Norm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final long BYTES = S.vectorByteSize();
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    NormKernel() {
    }

    @Override
    public void normalize(MemorySegment x, MemorySegment y, MemorySegment weight, MemorySegment bias, float eps,
            int features, long laneBytes, int vectors, MemorySegment scratch) {
        for (long column = 0; column < vectors * BYTES; column += BYTES) {
            sums(x, column, features, laneBytes, scratch);
            FloatVector mean = combine(scratch).div(features);
            squares(x, column, features, laneBytes, mean, scratch);
            FloatVector variance = combine(scratch).div(features);
            FloatVector inverse = FloatVector.broadcast(S, 1).div(variance.add(eps).sqrt());
            apply(x, y, column, features, laneBytes, mean, inverse, weight, bias);
        }
    }

    /** Leaves the sums of the chains in scratch; four chains at a time hide the latency of an addition. */
    private static void sums(MemorySegment panel, long column, int features, long laneBytes, MemorySegment chains) {
        MemorySegment x = panel.asSlice(column);
        MemorySegment scratch = chains.asSlice(0);
        long end = (features & -CHAINS) * laneBytes;
        for (int chain = 0; chain < CHAINS; chain += 4) {
            FloatVector a = FloatVector.zero(S);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            long first = chain * laneBytes;
            for (long o = first; o < end; o += CHAINS * laneBytes) {
                a = a.add(load(x, o));
                b = b.add(load(x, o + laneBytes));
                c = c.add(load(x, o + 2 * laneBytes));
                d = d.add(load(x, o + 3 * laneBytes));
            }
            store4(a, b, c, d, scratch, chain * BYTES);
        }
        for (int feature = features & -CHAINS, chain = 0; feature < features; feature++, chain++) {
            store(load(scratch, chain * BYTES).add(load(x, feature * laneBytes)), scratch, chain * BYTES);
        }
    }

    /** As {@link #sums}, of the squared distances from the mean. */
    private static void squares(MemorySegment panel, long column, int features, long laneBytes, FloatVector mean,
            MemorySegment chains) {
        MemorySegment x = panel.asSlice(column);
        MemorySegment scratch = chains.asSlice(0);
        long end = (features & -CHAINS) * laneBytes;
        for (int chain = 0; chain < CHAINS; chain += 4) {
            FloatVector a = FloatVector.zero(S);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            long first = chain * laneBytes;
            for (long o = first; o < end; o += CHAINS * laneBytes) {
                FloatVector da = load(x, o).sub(mean);
                FloatVector db = load(x, o + laneBytes).sub(mean);
                FloatVector dc = load(x, o + 2 * laneBytes).sub(mean);
                FloatVector dd = load(x, o + 3 * laneBytes).sub(mean);
                a = da.fma(da, a);
                b = db.fma(db, b);
                c = dc.fma(dc, c);
                d = dd.fma(dd, d);
            }
            store4(a, b, c, d, scratch, chain * BYTES);
        }
        for (int feature = features & -CHAINS, chain = 0; feature < features; feature++, chain++) {
            FloatVector distance = load(x, feature * laneBytes).sub(mean);
            store(distance.fma(distance, load(scratch, chain * BYTES)), scratch, chain * BYTES);
        }
    }

    /** Adds the chains up in the fixed tree: i and i + 8, then i and i + 4, and so on. */
    private static FloatVector combine(MemorySegment chains) {
        MemorySegment scratch = chains.asSlice(0);
        for (int half = CHAINS / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                store(load(scratch, i * BYTES).add(load(scratch, (i + half) * BYTES)), scratch, i * BYTES);
            }
        }
        return load(scratch, 0);
    }

    private static void apply(MemorySegment panel, MemorySegment target, long column, int features, long laneBytes,
            FloatVector mean, FloatVector inverse, MemorySegment weight, MemorySegment bias) {
        MemorySegment x = panel.asSlice(column);
        MemorySegment y = target.asSlice(column);
        for (int feature = 0; feature < features; feature++) {
            long o = feature * laneBytes;
            FloatVector w = FloatVector.broadcast(S, weight.get(FLOAT, (long) feature * Float.BYTES));
            FloatVector b = FloatVector.broadcast(S, bias.get(FLOAT, (long) feature * Float.BYTES));
            store(load(x, o).sub(mean).mul(inverse).fma(w, b), y, o);
        }
    }

    private static void store4(FloatVector a, FloatVector b, FloatVector c, FloatVector d, MemorySegment target,
            long offset) {
        store(a, target, offset);
        store(b, target, offset + BYTES);
        store(c, target, offset + 2 * BYTES);
        store(d, target, offset + 3 * BYTES);
    }

    private static FloatVector load(MemorySegment segment, long offset) {
        return FloatVector.fromMemorySegment(S, segment, offset, NATIVE);
    }

    private static void store(FloatVector v, MemorySegment segment, long offset) {
        v.intoMemorySegment(segment, offset, NATIVE);
    }
}
