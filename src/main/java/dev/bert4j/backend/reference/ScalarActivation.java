package dev.bert4j.backend.reference;

import dev.bert4j.backend.ActivationFunction;

/** The activation functions, one value at a time: the definition of their bits. */
public final class ScalarActivation {
    private ScalarActivation() {
    }

    /** The value of a function. */
    public static float apply(ActivationFunction f, float x) {
        return switch (f) {
            case LINEAR -> x;
            case GELU -> ScalarNormal.gelu(x);
            case GELU_10 -> ScalarNormal.gelu10(x);
            case GELU_NEW, GELU_ACCURATE, GELU_PYTORCH_TANH, GELU_FAST -> ScalarLogistic.tanhGelu(x);
            case QUICK_GELU -> ScalarLogistic.quickGelu(x);
            case RELU -> relu(x);
            case RELU2 -> relu(x) * relu(x);
            case RELU6 -> relu(x) > 6 ? 6 : relu(x);
            case SILU -> ScalarLogistic.silu(x);
            case MISH -> ScalarLogistic.mish(x);
            case TANH -> ScalarLogistic.tanh(x);
            case SIGMOID -> ScalarLogistic.sigmoid(x);
            case LAPLACE -> ScalarNormal.laplace(x);
        };
    }

    /** max(x, 0); NaN and −0 stay what they are. */
    private static float relu(float x) {
        return x < 0 ? 0 : x;
    }
}
