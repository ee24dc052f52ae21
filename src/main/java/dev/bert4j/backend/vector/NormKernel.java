package dev.bert4j.backend.vector;

import dev.bert4j.backend.cpu.Floats;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Norm} at one width. Its steps hand sums to each other through the scratch memory, since a vector that crosses
 * a call may be boxed; {@link PointwiseKernel} says more.
 */
final class NormKernel implements Norm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final int V = S.length();
    /** Where the mean lies in the scratch memory, behind the chains. */
    private static final int MEAN = CHAINS * V;

    NormKernel() {
    }

    @Override
    public void normalize(Floats from, int xAt, Floats to, int yAt, int step, int features, int vectors,
            Floats weights, Floats biases, float eps, Floats room) {
        float[] x = from.values();
        float[] y = to.values();
        float[] weight = weights.values();
        float[] bias = biases.values();
        float[] scratch = room.values();
        for (int column = 0; column < vectors * V; column += V) {
            sums(x, xAt + column, step, features, scratch);
            combine(scratch);
            squares(x, xAt + column, step, features, scratch);
            combine(scratch);
            apply(x, xAt + column, y, yAt + column, step, features, weight, bias, eps, scratch);
        }
    }

    /** Leaves the sums of the chains in scratch; four chains at a time hide the latency of an addition. */
    private static void sums(float[] x, int at, int step, int features, float[] chains) {
        int end = at + (features & -CHAINS) * step;
        for (int chain = 0; chain < CHAINS; chain += 4) {
            FloatVector a = FloatVector.zero(S);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (int o = at + chain * step; o < end; o += CHAINS * step) {
                a = VECTOR.cast(a).add(FloatVector.fromArray(S, x, o));
                b = VECTOR.cast(b).add(FloatVector.fromArray(S, x, o + step));
                c = VECTOR.cast(c).add(FloatVector.fromArray(S, x, o + 2 * step));
                d = VECTOR.cast(d).add(FloatVector.fromArray(S, x, o + 3 * step));
            }
            VECTOR.cast(a).intoArray(chains, chain * V);
            VECTOR.cast(b).intoArray(chains, (chain + 1) * V);
            VECTOR.cast(c).intoArray(chains, (chain + 2) * V);
            VECTOR.cast(d).intoArray(chains, (chain + 3) * V);
        }
        for (int feature = features & -CHAINS, chain = 0; feature < features; feature++, chain++) {
            VECTOR.cast(FloatVector.fromArray(S, chains, chain * V))
                    .add(FloatVector.fromArray(S, x, at + feature * step))
                    .intoArray(chains, chain * V);
        }
    }

    /** As {@link #sums}, of the squared distances from the mean, which goes behind the chains. */
    private static void squares(float[] x, int at, int step, int features, float[] chains) {
        FloatVector mean = VECTOR.cast(FloatVector.fromArray(S, chains, 0)).div(features);
        mean.intoArray(chains, MEAN);
        int end = at + (features & -CHAINS) * step;
        for (int chain = 0; chain < CHAINS; chain += 4) {
            FloatVector a = FloatVector.zero(S);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (int o = at + chain * step; o < end; o += CHAINS * step) {
                FloatVector da = VECTOR.cast(FloatVector.fromArray(S, x, o)).sub(mean);
                FloatVector db = VECTOR.cast(FloatVector.fromArray(S, x, o + step)).sub(mean);
                FloatVector dc = VECTOR.cast(FloatVector.fromArray(S, x, o + 2 * step)).sub(mean);
                FloatVector dd = VECTOR.cast(FloatVector.fromArray(S, x, o + 3 * step)).sub(mean);
                a = da.fma(da, a);
                b = db.fma(db, b);
                c = dc.fma(dc, c);
                d = dd.fma(dd, d);
            }
            VECTOR.cast(a).intoArray(chains, chain * V);
            VECTOR.cast(b).intoArray(chains, (chain + 1) * V);
            VECTOR.cast(c).intoArray(chains, (chain + 2) * V);
            VECTOR.cast(d).intoArray(chains, (chain + 3) * V);
        }
        for (int feature = features & -CHAINS, chain = 0; feature < features; feature++, chain++) {
            FloatVector distance = VECTOR.cast(FloatVector.fromArray(S, x, at + feature * step)).sub(mean);
            distance.fma(distance, FloatVector.fromArray(S, chains, chain * V))
                    .intoArray(chains, chain * V);
        }
    }

    /** Adds the chains up in the fixed tree, i and i + 8, then i and i + 4, and so on; the sum is left in the first. */
    private static void combine(float[] chains) {
        for (int half = CHAINS / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                VECTOR.cast(FloatVector.fromArray(S, chains, i * V))
                        .add(FloatVector.fromArray(S, chains, (i + half) * V))
                        .intoArray(chains, i * V);
            }
        }
    }

    private static void apply(float[] x, int xAt, float[] y, int yAt, int step, int features, float[] weight,
            float[] bias, float eps, float[] chains) {
        FloatVector variance = VECTOR.cast(FloatVector.fromArray(S, chains, 0)).div(features);
        FloatVector inverse = VECTOR.cast(FloatVector.broadcast(S, 1)).div(variance.add(eps).sqrt());
        FloatVector mean = FloatVector.fromArray(S, chains, MEAN);
        for (int feature = 0; feature < features; feature++) {
            FloatVector w = FloatVector.broadcast(S, weight[feature]);
            FloatVector b = FloatVector.broadcast(S, bias[feature]);
            VECTOR.cast(FloatVector.fromArray(S, x, xAt + feature * step)).sub(mean).mul(inverse).fma(w, b)
                    .intoArray(y, yAt + feature * step);
        }
    }
}
