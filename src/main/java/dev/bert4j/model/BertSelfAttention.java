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
    private final Linears keyValue;
    private final Linears queryKeyValue;
    private final AttentionHeads heads;
    private final RelativePositions relative;

    /** Loads that of a layer with these heads; {@code positions} is the type of the position embeddings. */
    BertSelfAttention(ModelRuntime runtime, BertConfig config, ParameterScope scope, AttentionHeads heads,
            String positions) {
        super(runtime, config);
        visible(this);
        this.heads = heads;
        int in = config.hiddenSize();
        int out = heads.features();
        query = add("query", visible(new Linear(scope.at("query"), in, out)));
        Linear key = add("key", visible(new Linear(scope.at("key"), in, out)));
        Linear value = add("value", visible(new Linear(scope.at("value"), in, out)));
        keyValue = new Linears(key, value);
        queryKeyValue = new Linears(query, key, value);
        add("dropout", new Dropout(config.attentionProbsDropoutProb()));
        relative = positions.equals("absolute") ? null : relative(config, scope, positions);
    }

    private RelativePositions relative(BertConfig config, ParameterScope scope, String type) {
        int positions = config.maxPositionEmbeddings();
        Embedding distance = add("distance_embedding",
                new Embedding(scope.at("distance_embedding"), 2 * positions - 1, config.headSize(), null));
        return new RelativePositions(distance.device(), positions, type.equals("relative_key_query"));
    }

    /**
     * The context of every token: H features, less those of pruned heads.
     *
     * @param spec how all heads of the config attend, pruned ones included
     * @param probabilities null, or where to put the probabilities, for each text [heads, T, keys]
     * @param slot what a decoder attends to beside x
     */
    Activation forward(Session session, Activation x, AttentionSpec spec, float[] probabilities, KeyValueSlot slot) {
        AttentionSpec own = heads.of(relative == null ? spec : withRelative(spec));
        Activation states = slot.states();
        if (states == null) {
            try (Linears.Outputs qkv = queryKeyValue.forward(session, x)) {
                return shown(session, slot.attend(session, qkv.get(0), qkv.get(1), qkv.get(2), own, probabilities));
            }
        }
        try (Activation q = query.forward(session, x)) {
            if (slot.isComplete()) {
                return shown(session, slot.attend(session, q, own, probabilities));
            }
            try (Linears.Outputs kv = keyValue.forward(session, states)) {
                return shown(session, slot.attend(session, q, kv.get(0), kv.get(1), own, probabilities));
            }
        }
    }

    /** Whether {@link #unseen} can be asked for some tokens only: not where scores depend on where a query stands. */
    boolean takesSome() {
        return relative == null;
    }

    /**
     * The context of some tokens, as {@link #forward} has it, but computed only for these; hooks do not see it.
     *
     * @param x all tokens, whose keys and values these attend to
     * @param some those of x for which a context is wanted
     * @param spec how these attend, {@link AttentionSpec#ofQueries}
     */
    Activation unseen(Session session, Activation x, Activation some, AttentionSpec spec) {
        try (Activation q = session.linear(some, query.weights(), ActivationFunction.LINEAR);
                Linears.Outputs kv = keyValue.unseen(session, x)) {
            return session.attention(q, kv.get(0), kv.get(1), heads.of(spec), null);
        }
    }

    private AttentionSpec withRelative(AttentionSpec spec) {
        for (int text = 0; text < spec.texts(); text++) {
            if (spec.keys(text) > relative.positions()) {
                throw new IllegalArgumentException("A text of " + spec.keys(text) + " tokens is longer than relative"
                        + " positions reach, " + relative.positions() + " tokens (max_position_embeddings).");
            }
        }
        return spec.withRelative(relative);
    }

    /**
     * The context [B, T, H], less the features of pruned heads, of hidden states [B, T, H].
     *
     * @param attentionMask [B, T] or [B, T, T] of ones and zeros as a model takes it, or null
     * @param headMask [heads], pruned ones included, or null
     */
    public AttentionOutput forward(Tensor x, Tensor attentionMask, Tensor headMask, boolean outputAttentions) {
        return AttentionCall.run(this, heads, x, attentionMask, headMask, outputAttentions, this::forward);
    }
}
