package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.Session;

/** {@code act(dense(x))}, the widening half of the feed-forward part. */
public final class BertIntermediate extends HiddenModule {
    private final Linear dense;
    private final ActivationModule activation;

    /** Loads it. */
    public BertIntermediate(ModelRuntime runtime, BertConfig config, ParameterScope scope) {
        super(runtime, config);
        visible(this);
        dense = add("dense", new Linear(scope.at("dense"), config.hiddenSize(), config.intermediateSize()));
        activation = add("intermediate_act_fn", new ActivationModule(config.hiddenAct()));
    }

    /** The inner values. */
    public Activation forward(Session session, Activation x) {
        Activation inner = session.linear(x, dense.weights(), activation.function());
        return shown(session, activation.shown(session, inner));
    }

    LinearWeights weights() {
        return dense.weights();
    }

    ActivationFunction function() {
        return activation.function();
    }

    /** The inner values [B, T, intermediate size] of hidden states [B, T, H]. */
    public Tensor forward(Tensor x) {
        return onBackend(x, config().hiddenSize(), this::forward);
    }
}
