package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.NormWeights;
import dev.bert4j.backend.Session;

/** {@code LayerNorm(dense(x) + residual)}, the narrowing half of the feed-forward part. */
public final class BertOutput extends HiddenModule {
    private final Linear dense;
    private final LayerNorm layerNorm;

    /** Loads it. */
    public BertOutput(ModelRuntime runtime, BertConfig config, ParameterScope scope) {
        super(runtime, config);
        visible(this);
        dense = add("dense", new Linear(scope.at("dense"), config.intermediateSize(), config.hiddenSize()));
        layerNorm = add("LayerNorm", new LayerNorm(scope.at("LayerNorm"), config));
        add("dropout", new Dropout(config.hiddenDropoutProb()));
    }

    /** The new hidden states. */
    public Activation forward(Session session, Activation x, Activation residual) {
        Activation normalized = session.linearAddNorm(x, dense.weights(), residual, layerNorm.weights());
        return shown(session, layerNorm.shown(session, normalized));
    }

    LinearWeights weights() {
        return dense.weights();
    }

    NormWeights norm() {
        return layerNorm.weights();
    }

    /** The new hidden states [B, T, H] of inner values [B, T, intermediate size] and a residual [B, T, H]. */
    public Tensor forward(Tensor x, Tensor residual) {
        return onBackend(x, config().intermediateSize(), residual, this::forward);
    }
}
