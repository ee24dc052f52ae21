package dev.bert4j.backend.vector;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.cpu.Floats;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Pointwise} at one width.
 *
 * <p>Here and in the kernels of the other functions no loop calls a method of ours. C2 always inlines the methods of
 * the Vector API, but gives up on others after a number of nodes that forty vector operations reach; a vector that
 * crosses such a call is boxed. So the polynomial of eʳ − 1 stands in every loop that needs it.
 */
final class PointwiseKernel implements Pointwise {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final int V = S.length();

    PointwiseKernel() {
    }

    @Override
    public void activate(Floats panel, int at, int step, int rows, int vectors, Floats biases, int biasAt,
            ActivationFunction f) {
        float[] y = panel.values();
        float[] bias = biases == null ? null : biases.values();
        int used = vectors * V;
        for (int row = 0; row < rows; row++) {
            float b = bias == null ? 0 : bias[biasAt + row];
            // Each function has a loop of its own, so that none drags the registers of the others along.
            switch (f) {
                case LINEAR -> linear(y, at + row * step, used, b);
                case RELU -> relu(y, at + row * step, used, b);
                case RELU2 -> relu2(y, at + row * step, used, b);
                case RELU6 -> relu6(y, at + row * step, used, b);
                default -> throw new AssertionError(f);
            }
        }
    }

    @Override
    public void addResidual(Floats panel, int at, int step, int rows, int vectors, Floats biases, int biasAt,
            Floats residuals, int residualAt) {
        float[] y = panel.values();
        float[] bias = biases == null ? null : biases.values();
        float[] residual = residuals.values();
        for (int row = 0; row < rows; row++) {
            float b = bias == null ? 0 : bias[biasAt + row];
            int from = at + row * step;
            int other = residualAt + row * step;
            for (int o = 0; o < vectors * V; o += V) {
                VECTOR.cast(FloatVector.fromArray(S, y, from + o)).add(b)
                        .add(FloatVector.fromArray(S, residual, other + o)).intoArray(y, from + o);
            }
        }
    }

    private static void linear(float[] y, int from, int count, float bias) {
        for (int o = from; o < from + count; o += V) {
            VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias).intoArray(y, o);
        }
    }

    private static void relu(float[] y, int from, int count, float bias) {
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
            x.blend(0f, x.compare(LT, 0f)).intoArray(y, o);
        }
    }

    private static void relu2(float[] y, int from, int count, float bias) {
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
            FloatVector positive = x.blend(0f, x.compare(LT, 0f));
            positive.mul(positive).intoArray(y, o);
        }
    }

    private static void relu6(float[] y, int from, int count, float bias) {
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
            FloatVector positive = x.blend(0f, x.compare(LT, 0f));
            positive.blend(6f, positive.compare(GT, 6f)).intoArray(y, o);
        }
    }
}
