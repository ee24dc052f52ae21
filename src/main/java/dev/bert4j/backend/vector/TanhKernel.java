package dev.bert4j.backend.vector;

import static dev.bert4j.backend.reference.ScalarLogistic.*;
import static dev.bert4j.backend.reference.ScalarMath.*;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.reference.ScalarLogistic;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * tanh and mish of {@link ScalarLogistic}, step for step, at one width.
 *
 * <p>The same polynomial stands in every loop, for the reason that {@link PointwiseKernel} gives.
 */
final class TanhKernel implements ActivationKernel {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final Class<? extends IntVector> INT_VECTOR =
            S.withLanes(int.class).vectorType().asSubclass(IntVector.class);
    private static final int V = S.length();

    TanhKernel() {
    }

    @Override
    public void activate(Floats panel, int at, int step, int rows, int vectors, Floats biases, int biasAt,
            ActivationFunction f) {
        float[] y = panel.values();
        float[] bias = biases == null ? null : biases.values();
        int used = vectors * V;
        for (int row = 0; row < rows; row++) {
            float b = bias == null ? 0 : bias[biasAt + row];
            switch (f) {
                case TANH -> tanh(y, at + row * step, used, b);
                case MISH -> mish(y, at + row * step, used, b);
                default -> throw new AssertionError(f);
            }
        }
    }

    private static void tanh(float[] y, int from, int count, float bias) {
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
            FloatVector a = x.lanewise(ABS);
            FloatVector capped = a.blend(TANH_MAX, a.compare(GT, TANH_MAX));
            FloatVector twice = capped.add(capped);
            FloatVector shifted = twice.lanewise(FMA, LOG2_E, ROUND);
            FloatVector n = shifted.sub(ROUND);
            FloatVector r = n.lanewise(FMA, -LN2_LOW, n.lanewise(FMA, -LN2_HIGH, twice));
            FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
            q = q.lanewise(FMA, r, E3);
            q = q.lanewise(FMA, r, E2);
            q = q.lanewise(FMA, r, E1);
            q = q.lanewise(FMA, r, E0);
            q = r.mul(r).fma(q, r);
            FloatVector power = VECTOR.cast(INT_VECTOR.cast(shifted.reinterpretAsInts())
                    .lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
            FloatVector less = power.sub(1);
            FloatVector m = power.fma(q, less);
            FloatVector mLow = power.fma(q, less.sub(m));
            FloatVector d = m.add(2);
            FloatVector dLow = m.sub(d.sub(2)).add(mLow);
            FloatVector inverse = d.broadcast(1).div(d);
            FloatVector t = m.mul(inverse);
            FloatVector minus = t.neg();
            FloatVector rest = minus.fma(d, m).add(minus.fma(dLow, mLow));
            IntVector sign = INT_VECTOR.cast(x.reinterpretAsInts()).and(Integer.MIN_VALUE);
            VECTOR.cast(INT_VECTOR.cast(rest.fma(inverse, t).reinterpretAsInts()).or(sign).reinterpretAsFloats())
                    .intoArray(y, o);
        }
    }

    private static void mish(float[] y, int from, int count, float bias) {
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
            FloatVector magnitude = x.lanewise(ABS);
            FloatVector a = magnitude.blend(LOGISTIC_MAX, magnitude.compare(GT, LOGISTIC_MAX));
            VectorMask<Float> negative = x.compare(LT, 0f);
            FloatVector high = a.neg();
            FloatVector shifted = high.lanewise(FMA, LOG2_E, ROUND_64);
            FloatVector n = shifted.sub(ROUND_64);
            FloatVector r = n.lanewise(FMA, -LN2_HIGH, high).add(n.mul(-LN2_LOW));
            FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
            q = q.lanewise(FMA, r, E3);
            q = q.lanewise(FMA, r, E2);
            q = q.lanewise(FMA, r, E1);
            q = q.lanewise(FMA, r, E0);
            q = r.mul(r).fma(q, r);
            FloatVector power = VECTOR.cast(INT_VECTOR.cast(shifted.reinterpretAsInts())
                    .lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
            FloatVector e = power.fma(q, power).mul(TWO_TO_MINUS_64);
            FloatVector twice = e.add(e);
            FloatVector g = twice.blend(e.add(2), negative);
            FloatVector gLow = e.broadcast(0).blend(e.sub(g.sub(2)), negative);
            FloatVector c = twice.add(1).blend(2f, negative);
            FloatVector d = e.fma(g, c);
            FloatVector dLow = e.fma(g, c.sub(d));
            FloatVector scaled = a.mul(power);
            FloatVector f = scaled.fma(q, scaled);
            FloatVector fLow = scaled.fma(q, scaled.sub(f));
            FloatVector m = f.mul(g);
            FloatVector mLow = f.fma(gLow, fLow.fma(g, f.fma(g, m.neg())));
            FloatVector inverse = d.broadcast(1).div(d);
            FloatVector t = m.mul(inverse);
            FloatVector minus = t.neg();
            FloatVector rest = minus.fma(d, m).add(minus.fma(dLow, mLow));
            FloatVector tail = rest.fma(inverse, t).mul(TWO_TO_MINUS_64);
            x.blend(x.mul(0f), negative).sub(tail).intoArray(y, o);
        }
    }
}
