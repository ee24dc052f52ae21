package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Session;

/** {@code LayerNorm(act(dense(x)))} before the decoder. */
public final class BertPredictionHeadTransform extends HiddenModule {
    private final Linear dense;
    private final ActivationModule activation;
    private final LayerNorm layerNorm;

    /** Loads it. */
    public BertPredictionHeadTransform(ModelRuntime runtime, BertConfig config, ParameterScope scope) {
        super(runtime, config);
        visible(this);
        dense = add("dense", new Linear(scope.at("dense"), config.hiddenSize(), config.hiddenSize()));
        activation = add("transform_act_fn", new ActivationModule(config.hiddenAct()));
        layerNorm = add("LayerNorm", new LayerNorm(scope.at("LayerNorm"), config));
    }

    /** The transformed values. */
    public Activation forward(Session session, Activation x) {
        try (Activation y = activation.shown(session, session.linear(x, dense.weights(), activation.function()))) {
            return shown(session, layerNorm.shown(session, session.layerNorm(y, layerNorm.weights())));
        }
    }

    /** The transformed values [B, T, H] of hidden states [B, T, H]. */
    public Tensor forward(Tensor x) {
        return onBackend(x, config().hiddenSize(), this::forward);
    }
}
