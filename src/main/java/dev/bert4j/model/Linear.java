package dev.bert4j.model;

import dev.bert4j.backend.LinearWeights;

/** {@code y = x·Wᵀ + b}. */
public final class Linear extends BertModule {
    private final LinearWeights weights;

    /** Takes {@code weight} [out, in] and {@code bias} [out] of a scope. */
    Linear(ParameterScope scope, int in, int out) {
        this(scope.parameter("weight", out, in), scope.parameter("bias", out), in, out);
    }

    Linear(LoadedParameter weight, LoadedParameter bias, int in, int out) {
        addParameter("weight", weight.tensor());
        addParameter("bias", bias.tensor());
        weights = new LinearWeights(weight.device(), bias.device(), in, out);
    }

    LinearWeights weights() {
        return weights;
    }

    /** Features of x. */
    public int inFeatures() {
        return weights.in();
    }

    /** Features of y. */
    public int outFeatures() {
        return weights.out();
    }

    @Override
    protected String printedArguments() {
        return "in_features=" + weights.in() + ", out_features=" + weights.out() + ", bias=True";
    }
}
