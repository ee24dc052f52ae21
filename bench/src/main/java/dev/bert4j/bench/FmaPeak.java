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
    private static final int ITERATIONS = 400_000;

    private static volatile float sink;

    private FmaPeak() {
    }

    /** The best of many short measurements. */
    static double gflops(int threads, long nanos) {
        double best = 0;
        long end = System.nanoTime() + nanos;
        // The first are interpreted; there are always enough for C2 to have done its work.
        for (int i = 0; i < 40 || System.nanoTime() < end; i++) {
            double seconds = Together.seconds(threads, number -> {
                sink = chains(ITERATIONS);
                sink = chains(ITERATIONS);
            });
            best = Math.max(best, threads * 4.0 * ITERATIONS * CHAINS * SPECIES.length() / seconds / 1e9);
        }
        return best;
    }

    private static float chains(int iterations) {
        FloatVector factor = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector term = FloatVector.broadcast(SPECIES, 0.001f);
        FloatVector a = factor;
        FloatVector b = factor;
        FloatVector c = factor;
        FloatVector d = factor;
        FloatVector e = factor;
        FloatVector f = factor;
        FloatVector g = factor;
        FloatVector h = factor;
        FloatVector i = factor;
        FloatVector j = factor;
        FloatVector k = factor;
        FloatVector l = factor;
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
