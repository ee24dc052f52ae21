package dev.bert4j.model;

import dev.bert4j.AttentionOutput;
import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.RelativePositions;
import dev.bert4j.backend.Session;

/** Multi-head attention of the tokens of each text to each other, before the output projection. */
public final class BertSelfAttention extends HiddenModule {
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final RelativePositions relative;

    /** Loads it. */
    public BertSelfAttention(ModelRuntime runtime, BertConfig config, ParameterScope scope) {
        super(runtime, config);
        int features = config.hiddenSize();
        query = add("query", new Linear(scope.at("query"), features, features));
        key = add("key", new Linear(scope.at("key"), features, features));
        value = add("value", new Linear(scope.at("value"), features, features));
        add("dropout", new Dropout(config.attentionProbsDropoutProb()));
        relative = config.positionEmbeddingType().equals("absolute") ? null : relative(config, scope);
    }

    private RelativePositions relative(BertConfig config, ParameterScope scope) {
        int positions = config.maxPositionEmbeddings();
        Embedding distance = add("distance_embedding",
                new Embedding(scope.at("distance_embedding"), 2 * positions - 1, config.headSize(), null));
        return new RelativePositions(distance.device(), positions,
                config.positionEmbeddingType().equals("relative_key_query"));
    }

    /**
     * The context of every token.
     *
     * @param probabilities null, or where to put the probabilities, for each text [heads, T, T]
     */
    public Activation forward(Session session, Activation x, AttentionSpec spec, float[] probabilities) {
        try (Activation q = session.linear(x, query.weights(), ActivationFunction.LINEAR);
                Activation k = session.linear(x, key.weights(), ActivationFunction.LINEAR);
                Activation v = session.linear(x, value.weights(), ActivationFunction.LINEAR)) {
            return session.attention(q, k, v, relative == null ? spec : withRelative(spec), probabilities);
        }
    }

    private AttentionSpec withRelative(AttentionSpec spec) {
        for (int text = 0; text < spec.texts(); text++) {
            if (spec.length(text) > relative.positions()) {
                throw new IllegalArgumentException("A text of " + spec.length(text) + " tokens is longer than relative"
                        + " positions reach, " + relative.positions() + " tokens (max_position_embeddings).");
            }
        }
        return spec.withRelative(relative);
    }

    /**
     * The context [B, T, H] of hidden states [B, T, H].
     *
     * @param attentionMask [B, T] or [B, T, T] of ones and zeros as a model takes it, or null
     * @param headMask [heads], or null
     */
    public AttentionOutput forward(Tensor x, Tensor attentionMask, Tensor headMask, boolean outputAttentions) {
        return AttentionCall.run(this, x, attentionMask, headMask, outputAttentions, this::forward);
    }
}
