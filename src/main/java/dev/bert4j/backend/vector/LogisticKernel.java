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
import jdk.incubator.vector.VectorSpecies;

/**
 * σ and what it gates of {@link ScalarLogistic}, step for step, at one width.
 *
 * <p>The same polynomial stands in every loop, for the reason that {@link PointwiseKernel} gives.
 */
final class LogisticKernel implements ActivationKernel {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final Class<? extends IntVector> INT_VECTOR =
            S.withLanes(int.class).vectorType().asSubclass(IntVector.class);
    private static final int V = S.length();

    LogisticKernel() {
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
                case SIGMOID -> sigmoid(y, at + row * step, used, b);
                case SILU -> gate(y, at + row * step, used, b, 1, 0, LOGISTIC_MAX);
                case QUICK_GELU -> gate(y, at + row * step, used, b, QUICK, QUICK_LOW, QUICK_MAX);
                case GELU_NEW, GELU_ACCURATE, GELU_PYTORCH_TANH, GELU_FAST ->
                    tanhGelu(y, at + row * step, used, b);
                default -> throw new AssertionError(f);
            }
        }
    }

    private static void sigmoid(float[] y, int from, int count, float bias) {
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
            FloatVector magnitude = x.lanewise(ABS);
            FloatVector a = magnitude.blend(LOGISTIC_MAX, magnitude.compare(GT, LOGISTIC_MAX));
            FloatVector z = a.neg();
            FloatVector shifted = z.lanewise(FMA, LOG2_E, ROUND_64);
            FloatVector n = shifted.sub(ROUND_64);
            FloatVector r = n.lanewise(FMA, -LN2_HIGH, z).add(n.mul(-LN2_LOW));
            FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
            q = q.lanewise(FMA, r, E3);
            q = q.lanewise(FMA, r, E2);
            q = q.lanewise(FMA, r, E1);
            q = q.lanewise(FMA, r, E0);
            q = r.mul(r).fma(q, r);
            FloatVector power = VECTOR.cast(INT_VECTOR.cast(shifted.reinterpretAsInts())
                    .lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
            FloatVector scale = power.mul(TWO_TO_MINUS_64);
            FloatVector e = scale.fma(q, scale);
            FloatVector d = e.add(1);
            FloatVector dLow = e.sub(d.sub(1));
            FloatVector m = power.fma(q, power);
            FloatVector mLow = power.fma(q, power.sub(m));
            FloatVector inverse = d.broadcast(1).div(d);
            FloatVector t = m.mul(inverse);
            FloatVector minus = t.neg();
            FloatVector rest = minus.fma(d, m).add(minus.fma(dLow, mLow));
            FloatVector tail = rest.fma(inverse, t).mul(TWO_TO_MINUS_64);
            tail.broadcast(1).sub(tail).blend(tail, x.compare(LT, 0f)).intoArray(y, o);
        }
    }

    private static void gate(float[] y, int from, int count, float bias, float factor,
            float factorLow, float max) {
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
            FloatVector magnitude = x.lanewise(ABS);
            FloatVector a = magnitude.blend(max, magnitude.compare(GT, max));
            FloatVector z = a.mul(-factor);
            FloatVector zLow = a.lanewise(FMA, -factorLow, a.lanewise(FMA, -factor, z.neg()));
            FloatVector shifted = z.lanewise(FMA, LOG2_E, ROUND_64);
            FloatVector n = shifted.sub(ROUND_64);
            FloatVector r = n.lanewise(FMA, -LN2_HIGH, z).add(n.lanewise(FMA, -LN2_LOW, zLow));
            FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
            q = q.lanewise(FMA, r, E3);
            q = q.lanewise(FMA, r, E2);
            q = q.lanewise(FMA, r, E1);
            q = q.lanewise(FMA, r, E0);
            q = r.mul(r).fma(q, r);
            FloatVector power = VECTOR.cast(INT_VECTOR.cast(shifted.reinterpretAsInts())
                    .lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
            FloatVector scale = power.mul(TWO_TO_MINUS_64);
            FloatVector e = scale.fma(q, scale);
            FloatVector d = e.add(1);
            FloatVector dLow = e.sub(d.sub(1));
            FloatVector scaled = a.mul(power);
            FloatVector m = scaled.fma(q, scaled);
            FloatVector mLow = scaled.fma(q, scaled.sub(m));
            FloatVector inverse = d.broadcast(1).div(d);
            FloatVector t = m.mul(inverse);
            FloatVector minus = t.neg();
            FloatVector rest = minus.fma(d, m).add(minus.fma(dLow, mLow));
            FloatVector tail = rest.fma(inverse, t).mul(TWO_TO_MINUS_64);
            x.blend(x.mul(0f), x.compare(LT, 0f)).sub(tail).intoArray(y, o);
        }
    }

    private static void tanhGelu(float[] y, int from, int count, float bias) {
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
            FloatVector magnitude = x.lanewise(ABS);
            FloatVector a = magnitude.blend(TANH_GELU_MAX, magnitude.compare(GT, TANH_GELU_MAX));
            FloatVector square = a.mul(a);
            FloatVector squareLow = a.fma(a, square.neg());
            FloatVector v = square.lanewise(FMA, C1, C0);
            FloatVector back = v.sub(C0);
            FloatVector vLow = square.lanewise(FMA, C1, back.neg()).add(v.broadcast(C0).sub(v.sub(back)));
            vLow = squareLow.lanewise(FMA, C1, vLow).add(square.lanewise(FMA, C1_LOW, C0_LOW));
            FloatVector z = a.mul(v);
            FloatVector zLow = a.fma(vLow, a.fma(v, z.neg()));
            FloatVector shifted = z.lanewise(FMA, LOG2_E, ROUND_64);
            FloatVector n = shifted.sub(ROUND_64);
            FloatVector r = n.lanewise(FMA, -LN2_HIGH, z).add(n.lanewise(FMA, -LN2_LOW, zLow));
            FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
            q = q.lanewise(FMA, r, E3);
            q = q.lanewise(FMA, r, E2);
            q = q.lanewise(FMA, r, E1);
            q = q.lanewise(FMA, r, E0);
            q = r.mul(r).fma(q, r);
            FloatVector power = VECTOR.cast(INT_VECTOR.cast(shifted.reinterpretAsInts())
                    .lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
            FloatVector scale = power.mul(TWO_TO_MINUS_64);
            FloatVector e = scale.fma(q, scale);
            FloatVector d = e.add(1);
            FloatVector dLow = e.sub(d.sub(1));
            FloatVector scaled = a.mul(power);
            FloatVector m = scaled.fma(q, scaled);
            FloatVector mLow = scaled.fma(q, scaled.sub(m));
            FloatVector inverse = d.broadcast(1).div(d);
            FloatVector t = m.mul(inverse);
            FloatVector minus = t.neg();
            FloatVector rest = minus.fma(d, m).add(minus.fma(dLow, mLow));
            FloatVector tail = rest.fma(inverse, t).mul(TWO_TO_MINUS_64);
            x.blend(x.mul(0f), x.compare(LT, 0f)).sub(tail).intoArray(y, o);
        }
    }
}
