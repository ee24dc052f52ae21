package dev.bert4j.backend;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The functions that BERT's {@code hidden_act} may name, and the names of their modules in the reference. */
public enum ActivationFunction {
    /** The identity. */
    LINEAR("LinearActivation", "linear"),
    /** {@code x·Φ(x)}, Φ being the normal distribution: the exact GELU, by the error function. */
    GELU("GELUActivation", "gelu", "gelu_python"),
    /** {@link #GELU} cut at −10 and 10. */
    GELU_10("ClippedGELUActivation", "gelu_10"),
    /** {@code ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))}. */
    GELU_NEW("NewGELUActivation", "gelu_new"),
    /** The formula of {@link #GELU_NEW} as another module. */
    GELU_ACCURATE("AccurateGELUActivation", "gelu_accurate"),
    /** The formula of {@link #GELU_NEW} as another module. */
    GELU_PYTORCH_TANH("PytorchGELUTanh", "gelu_pytorch_tanh"),
    /** The formula of {@link #GELU_NEW} with 0.7978845608 for √(2/π). */
    GELU_FAST("FastGELUActivation", "gelu_fast"),
    /** {@code x·σ(1.702·x)}, σ being {@link #SIGMOID}. */
    QUICK_GELU("QuickGELUActivation", "quick_gelu"),
    /** {@code max(x, 0)}. */
    RELU("ReLU", "relu"),
    /** {@code max(x, 0)²}. */
    RELU2("ReLUSquaredActivation", "relu2"),
    /** {@code min(max(x, 0), 6)}. */
    RELU6("ReLU6", "relu6"),
    /** {@code x·σ(x)}. */
    SILU("SiLUActivation", "silu", "swish"),
    /** {@code x·tanh(ln(1 + eˣ))}. */
    MISH("MishActivation", "mish"),
    /** The hyperbolic tangent. */
    TANH("Tanh", "tanh"),
    /** {@code 1 / (1 + e⁻ˣ)}. */
    SIGMOID("Sigmoid", "sigmoid"),
    /** {@code Φ((x − 0.707107) / 0.282095)}. */
    LAPLACE("LaplaceActivation", "laplace");

    private final String moduleName;
    private final List<String> keys;

    ActivationFunction(String moduleName, String... keys) {
        this.moduleName = moduleName;
        this.keys = List.of(keys);
    }

    /**
     * The function of that name in a config.
     *
     * @throws IllegalArgumentException if there is none; the message names those there are
     */
    public static ActivationFunction of(String name) {
        for (ActivationFunction f : values()) {
            if (f.keys.contains(name)) {
                return f;
            }
        }
        throw new IllegalArgumentException("hidden_act '" + name + "' is not supported; use one of "
                + Stream.of(values()).flatMap(f -> f.keys.stream()).sorted().collect(Collectors.joining(", ")) + ".");
    }

    /** Its names in a config; all but the first are others for the same formula. */
    public List<String> keys() {
        return keys;
    }

    /** The name of its module in the reference. */
    public String moduleName() {
        return moduleName;
    }
}
