package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Norm} at one width. Its steps hand sums to each other through the scratch memory, since a vector that crosses
 * a call may be boxed; {@link PointwiseKernel} says more.
 */
final class NormKernel implements Norm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final long BYTES = S.vectorByteSize();
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    /** Where the mean lies in the scratch memory, behind the chains. */
    private static final long MEAN = CHAINS * BYTES;

    NormKernel() {
    }

    @Override
    public void normalize(MemorySegment x, MemorySegment y, MemorySegment weight, MemorySegment bias, float eps,
            int features, long laneBytes, int vectors, MemorySegment scratch) {
        for (long column = 0; column < vectors * BYTES; column += BYTES) {
            sums(x, column, features, laneBytes, scratch);
            combine(scratch);
            squares(x, column, features, laneBytes, scratch);
            combine(scratch);
            apply(x, y, column, features, laneBytes, eps, weight, bias, scratch);
        }
    }

    /** Leaves the sums of the chains in scratch; four chains at a time hide the latency of an addition. */
    private static void sums(MemorySegment panel, long column, int features, long laneBytes, MemorySegment scratch) {
        MemorySegment x = panel.asSlice(column);
        MemorySegment chains = scratch.asSlice(0);
        long end = (features & -CHAINS) * laneBytes;
        for (int chain = 0; chain < CHAINS; chain += 4) {
            FloatVector a = FloatVector.zero(S);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (long o = chain * laneBytes; o < end; o += CHAINS * laneBytes) {
                a = a.add(FloatVector.fromMemorySegment(S, x, o, NATIVE));
                b = b.add(FloatVector.fromMemorySegment(S, x, o + laneBytes, NATIVE));
                c = c.add(FloatVector.fromMemorySegment(S, x, o + 2 * laneBytes, NATIVE));
                d = d.add(FloatVector.fromMemorySegment(S, x, o + 3 * laneBytes, NATIVE));
            }
            a.intoMemorySegment(chains, chain * BYTES, NATIVE);
            b.intoMemorySegment(chains, (chain + 1) * BYTES, NATIVE);
            c.intoMemorySegment(chains, (chain + 2) * BYTES, NATIVE);
            d.intoMemorySegment(chains, (chain + 3) * BYTES, NATIVE);
        }
        for (int feature = features & -CHAINS, chain = 0; feature < features; feature++, chain++) {
            FloatVector.fromMemorySegment(S, chains, chain * BYTES, NATIVE)
                    .add(FloatVector.fromMemorySegment(S, x, feature * laneBytes, NATIVE))
                    .intoMemorySegment(chains, chain * BYTES, NATIVE);
        }
    }

    /** As {@link #sums}, of the squared distances from the mean, which goes behind the chains. */
    private static void squares(MemorySegment panel, long column, int features, long laneBytes,
            MemorySegment scratch) {
        MemorySegment x = panel.asSlice(column);
        MemorySegment chains = scratch.asSlice(0);
        FloatVector mean = FloatVector.fromMemorySegment(S, chains, 0, NATIVE).div(features);
        mean.intoMemorySegment(chains, MEAN, NATIVE);
        long end = (features & -CHAINS) * laneBytes;
        for (int chain = 0; chain < CHAINS; chain += 4) {
            FloatVector a = FloatVector.zero(S);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (long o = chain * laneBytes; o < end; o += CHAINS * laneBytes) {
                FloatVector da = FloatVector.fromMemorySegment(S, x, o, NATIVE).sub(mean);
                FloatVector db = FloatVector.fromMemorySegment(S, x, o + laneBytes, NATIVE).sub(mean);
                FloatVector dc = FloatVector.fromMemorySegment(S, x, o + 2 * laneBytes, NATIVE).sub(mean);
                FloatVector dd = FloatVector.fromMemorySegment(S, x, o + 3 * laneBytes, NATIVE).sub(mean);
                a = da.fma(da, a);
                b = db.fma(db, b);
                c = dc.fma(dc, c);
                d = dd.fma(dd, d);
            }
            a.intoMemorySegment(chains, chain * BYTES, NATIVE);
            b.intoMemorySegment(chains, (chain + 1) * BYTES, NATIVE);
            c.intoMemorySegment(chains, (chain + 2) * BYTES, NATIVE);
            d.intoMemorySegment(chains, (chain + 3) * BYTES, NATIVE);
        }
        for (int feature = features & -CHAINS, chain = 0; feature < features; feature++, chain++) {
            FloatVector distance = FloatVector.fromMemorySegment(S, x, feature * laneBytes, NATIVE).sub(mean);
            distance.fma(distance, FloatVector.fromMemorySegment(S, chains, chain * BYTES, NATIVE))
                    .intoMemorySegment(chains, chain * BYTES, NATIVE);
        }
    }

    /** Adds the chains up in the fixed tree, i and i + 8, then i and i + 4, and so on; the sum is left in the first. */
    private static void combine(MemorySegment scratch) {
        MemorySegment chains = scratch.asSlice(0);
        for (int half = CHAINS / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                FloatVector.fromMemorySegment(S, chains, i * BYTES, NATIVE)
                        .add(FloatVector.fromMemorySegment(S, chains, (i + half) * BYTES, NATIVE))
                        .intoMemorySegment(chains, i * BYTES, NATIVE);
            }
        }
    }

    private static void apply(MemorySegment panel, MemorySegment target, long column, int features, long laneBytes,
            float eps, MemorySegment weight, MemorySegment bias, MemorySegment scratch) {
        MemorySegment x = panel.asSlice(column);
        MemorySegment y = target.asSlice(column);
        MemorySegment chains = scratch.asSlice(0);
        FloatVector variance = FloatVector.fromMemorySegment(S, chains, 0, NATIVE).div(features);
        FloatVector inverse = FloatVector.broadcast(S, 1).div(variance.add(eps).sqrt());
        FloatVector mean = FloatVector.fromMemorySegment(S, chains, MEAN, NATIVE);
        for (int feature = 0; feature < features; feature++) {
            FloatVector w = FloatVector.broadcast(S, weight.get(FLOAT, (long) feature * Float.BYTES));
            FloatVector b = FloatVector.broadcast(S, bias.get(FLOAT, (long) feature * Float.BYTES));
            FloatVector.fromMemorySegment(S, x, feature * laneBytes, NATIVE).sub(mean).mul(inverse).fma(w, b)
                    .intoMemorySegment(y, feature * laneBytes, NATIVE);
        }
    }
}
