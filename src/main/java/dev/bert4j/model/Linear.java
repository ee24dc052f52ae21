package dev.bert4j.model;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.Session;

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

    /** A layer of a head, which shows its output to hooks; it takes weight and bias of a scope. */
    public static Linear head(ParameterScope scope, int in, int out) {
        return visible(new Linear(scope, in, out));
    }

    LinearWeights weights() {
        return weights;
    }

    /** y, for a layer that shows it to hooks because nothing is computed in one step with it. */
    public Activation forward(Session session, Activation x) {
        return shown(session, session.linear(x, weights, ActivationFunction.LINEAR));
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
