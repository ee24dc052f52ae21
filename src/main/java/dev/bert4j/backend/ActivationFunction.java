package dev.bert4j.backend;

/** The functions that BERT's {@code hidden_act} may name, and the names of their modules in PyTorch. */
public enum ActivationFunction {
    /** The identity. */
    LINEAR("linear", "LinearActivation"),
    /** {@code x·Φ(x)}, Φ being the normal distribution: the exact GELU, by the error function. */
    GELU("gelu", "GELUActivation"),
    /** {@code max(x, 0)}. */
    RELU("relu", "ReLU"),
    /** The hyperbolic tangent. */
    TANH("tanh", "Tanh");

    private final String key;
    private final String moduleName;

    ActivationFunction(String key, String moduleName) {
        this.key = key;
        this.moduleName = moduleName;
    }

    /**
     * The function of that name in a config.
     *
     * @throws IllegalArgumentException if there is none; the message names those there are
     */
    public static ActivationFunction of(String name) {
        for (ActivationFunction f : values()) {
            if (f.key.equals(name)) {
                return f;
            }
        }
        // The same formula, written in Python there.
        if (name.equals("gelu_python")) {
            return GELU;
        }
        throw new IllegalArgumentException(
                "hidden_act '" + name + "' is not supported; use one of gelu, gelu_python, relu, tanh, linear.");
    }

    /** The name of its module in PyTorch. */
    public String moduleName() {
        return moduleName;
    }
}
