package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Session;

/** {@code LayerNorm(dense(x) + residual)} after attention. */
public final class BertSelfOutput extends HiddenModule {
    private final Linear dense;
    private final LayerNorm layerNorm;

    /** Loads that of a layer with these heads. */
    BertSelfOutput(ModelRuntime runtime, BertConfig config, ParameterScope scope, AttentionHeads heads) {
        super(runtime, config);
        visible(this);
        dense = add("dense", new Linear(scope.at("dense"), heads.features(), config.hiddenSize()));
        layerNorm = add("LayerNorm", new LayerNorm(scope.at("LayerNorm"), config));
        add("dropout", new Dropout(config.hiddenDropoutProb()));
    }

    /** The new hidden states. */
    public Activation forward(Session session, Activation x, Activation residual) {
        return shown(session, layerNorm.shown(session, unseen(session, x, residual)));
    }

    /** The same, which hooks do not see. */
    Activation unseen(Session session, Activation x, Activation residual) {
        return session.linearAddNorm(x, dense.weights(), residual, layerNorm.weights());
    }

    /** The new hidden states [B, T, H] of a context [B, T, H less pruned heads] and a residual [B, T, H]. */
    public Tensor forward(Tensor x, Tensor residual) {
        return onBackend(x, dense.inFeatures(), residual, this::forward);
    }
}
