package dev.bert4j.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * How fast memory can be read: 512 MB, more than any cache holds, by vector loads, each thread its own part, in four
 * streams side by side, since a single one does not keep a core's prefetchers busy.
 */
final class StreamRate {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final long BYTES = 512L << 20;
    private static final int STREAMS = 4;
    private static final int LEAST = 6;
    /** A call ends after so much, so that C2 gets to replace what is being interpreted. */
    private static final long PIECE = 1L << 20;

    private static volatile float sink;

    private StreamRate() {
    }

    /** The best of several passes. */
    static double gigabytes(int threads, long nanos) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(BYTES, 4096);
            memory.fill((byte) 0);
            long part = BYTES / threads / STREAMS / PIECE * PIECE;
            double best = 0;
            long end = System.nanoTime() + nanos;
            for (int i = 0; i < LEAST || System.nanoTime() < end; i++) {
                double seconds = Together.seconds(threads, number -> {
                    float sum = 0;
                    for (long at = 0; at < part; at += PIECE) {
                        sum += read(memory, number * part * STREAMS + at, part);
                    }
                    sink = sum;
                });
                best = Math.max(best, threads * part * STREAMS / seconds / 1e9);
            }
            return best;
        }
    }

    /** Reads a piece of each stream; they are that far apart. */
    private static float read(MemorySegment memory, long from, long apart) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int step = SPECIES.vectorByteSize();
        int count = (int) (PIECE / step);
        for (int i = 0; i < count; i++) {
            long at = from + (long) i * step;
            a = a.add(load(memory, at));
            b = b.add(load(memory, at + apart));
            c = c.add(load(memory, at + 2 * apart));
            d = d.add(load(memory, at + 3 * apart));
        }
        return a.add(b).add(c).add(d).reduceLanes(VectorOperators.ADD);
    }

    private static FloatVector load(MemorySegment memory, long at) {
        return FloatVector.fromMemorySegment(SPECIES, memory, at, ByteOrder.nativeOrder());
    }
}
