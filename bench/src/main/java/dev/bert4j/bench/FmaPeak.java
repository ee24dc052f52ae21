package dev.bert4j.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * How many multiply-adds the cores do when nothing has to be fetched: twelve chains in registers, which is more than
 * any core has in flight (two units, latency four or five) and fits into the sixteen registers of AVX2.
 */
final class FmaPeak {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int CHAINS = 12;
    private static final int LEAST = 12;
    private static final int ITERATIONS = 2_000_000;

    /** Chains that began alike would be one chain to the compiler. */
    private static final float[] SEEDS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

    private static volatile float sink;

    private FmaPeak() {
    }

    /** The best of many short measurements. */
    static double gflops(int threads, long nanos) {
        double best = 0;
        long end = System.nanoTime() + nanos;
        // The first begins interpreted; there are always enough for C2 to have done its work.
        for (int i = 0; i < LEAST || System.nanoTime() < end; i++) {
            double seconds = Together.seconds(threads, number -> {
                sink = chains(ITERATIONS, SEEDS);
            });
            best = Math.max(best, threads * 2.0 * ITERATIONS * CHAINS * SPECIES.length() / seconds / 1e9);
        }
        return best;
    }

    private static float chains(int iterations, float[] seeds) {
        FloatVector factor = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector term = FloatVector.broadcast(SPECIES, 0.001f);
        FloatVector a = FloatVector.broadcast(SPECIES, seeds[0]);
        FloatVector b = FloatVector.broadcast(SPECIES, seeds[1]);
        FloatVector c = FloatVector.broadcast(SPECIES, seeds[2]);
        FloatVector d = FloatVector.broadcast(SPECIES, seeds[3]);
        FloatVector e = FloatVector.broadcast(SPECIES, seeds[4]);
        FloatVector f = FloatVector.broadcast(SPECIES, seeds[5]);
        FloatVector g = FloatVector.broadcast(SPECIES, seeds[6]);
        FloatVector h = FloatVector.broadcast(SPECIES, seeds[7]);
        FloatVector i = FloatVector.broadcast(SPECIES, seeds[8]);
        FloatVector j = FloatVector.broadcast(SPECIES, seeds[9]);
        FloatVector k = FloatVector.broadcast(SPECIES, seeds[10]);
        FloatVector l = FloatVector.broadcast(SPECIES, seeds[11]);
        for (int n = 0; n < iterations; n++) {
            a = a.fma(factor, term);
            b = b.fma(factor, term);
            c = c.fma(factor, term);
            d = d.fma(factor, term);
            e = e.fma(factor, term);
            f = f.fma(factor, term);
            g = g.fma(factor, term);
            h = h.fma(factor, term);
            i = i.fma(factor, term);
            j = j.fma(factor, term);
            k = k.fma(factor, term);
            l = l.fma(factor, term);
        }
        return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l)
                .reduceLanes(VectorOperators.ADD);
    }
}
