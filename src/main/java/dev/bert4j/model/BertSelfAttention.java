package dev.bert4j.model;

import dev.bert4j.AttentionOutput;
import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;

/** Multi-head attention of the tokens of each text to each other, before the output projection. */
public final class BertSelfAttention extends HiddenModule {
    private final Linear query;
    private final Linear key;
    private final Linear value;

    /** Loads it. */
    public BertSelfAttention(ModelRuntime runtime, BertConfig config, ParameterScope scope) {
        super(runtime, config);
        visible(this);
        int features = config.hiddenSize();
        query = add("query", visible(new Linear(scope.at("query"), features, features)));
        key = add("key", visible(new Linear(scope.at("key"), features, features)));
        value = add("value", visible(new Linear(scope.at("value"), features, features)));
        add("dropout", new Dropout(config.attentionProbsDropoutProb()));
    }

    /**
     * The context of every token.
     *
     * @param probabilities null, or where to put the probabilities, for each text [heads, T, T]
     */
    public Activation forward(Session session, Activation x, AttentionSpec spec, float[] probabilities) {
        try (Activation q = query.forward(session, x);
                Activation k = key.forward(session, x);
                Activation v = value.forward(session, x)) {
            return shown(session, session.attention(q, k, v, spec, probabilities));
        }
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
