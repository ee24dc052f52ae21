package dev.bert4j.model;

import dev.bert4j.AttentionOutput;
import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;

/** One layer: attention, in a decoder perhaps a second one to an encoder, and then every token on its own. */
public final class BertLayer extends HiddenModule {
    private final BertAttention attention;
    private final BertAttention crossattention;
    private final BertIntermediate intermediate;
    private final BertOutput output;

    /** Loads it; {@code number} is its own among the layers. */
    public BertLayer(ModelRuntime runtime, BertConfig config, ParameterScope scope, int number) {
        super(runtime, config);
        visible(this);
        attention = add("attention", BertAttention.ofLayer(runtime, config, scope.at("attention"), number));
        crossattention = add("crossattention", !config.addCrossAttention() ? null
                : BertAttention.cross(runtime, config, scope.at("crossattention")));
        intermediate = add("intermediate", new BertIntermediate(runtime, config, scope.at("intermediate")));
        output = add("output", new BertOutput(runtime, config, scope.at("output")));
    }

    /** Self-attention. */
    public BertAttention attention() {
        return attention;
    }

    /** Attention to the states of an encoder, or null for a layer without. */
    public BertAttention crossattention() {
        return crossattention;
    }

    /** The widening half of the feed-forward part. */
    public BertIntermediate intermediate() {
        return intermediate;
    }

    /** The narrowing half. */
    public BertOutput output() {
        return output;
    }

    /** The new hidden states, without cross-attention; see {@link BertSelfAttention#forward}. */
    Activation forward(Session session, Activation x, AttentionSpec spec, float[] probabilities, KeyValueSlot slot) {
        try (Activation attended = attention.forward(session, x, spec, probabilities, slot)) {
            return feedForward(session, attended);
        }
    }

    /** As the other, in a decoder. */
    Activation forward(Session session, Activation x, AttentionSpec spec, float[] probabilities,
            DecoderState.Layer decoder) {
        if (decoder.cross() == null) {
            return forward(session, x, spec, probabilities, decoder.self());
        }
        try (Activation attended = attention.forward(session, x, spec, probabilities, decoder.self());
                Activation crossed = crossattention.forward(session, attended, decoder.crossSpec(),
                        decoder.crossProbabilities(), decoder.cross())) {
            return feedForward(session, crossed);
        }
    }

    /** Whether {@link #unseen} can take the place of {@link #forward}: it can for this layer, and nobody looks. */
    boolean takesSome() {
        return attention.self().takesSome() && !isHookedWithin();
    }

    /**
     * The new hidden states of some tokens, as {@link #forward} has them, but computed only for these, apart from keys
     * and values; hooks do not see anything of it.
     *
     * @param spec how all tokens attend
     * @param tokens those, ascending and each once; at least one
     */
    Activation unseen(Session session, Activation x, AttentionSpec spec, int[] tokens) {
        try (Activation some = session.gather(x, tokens);
                Activation context = attention.self().unseen(session, x, some, spec.ofQueries(tokens));
                Activation attended = attention.output().unseen(session, context, some)) {
            return unseenFeedForward(session, attended);
        }
    }

    private Activation feedForward(Session session, Activation x) {
        if (!intermediate.isHookedWithin() && !output.isHookedWithin()) {
            return shown(session, unseenFeedForward(session, x));
        }
        try (Activation inner = intermediate.forward(session, x)) {
            return shown(session, output.forward(session, inner, x));
        }
    }

    /** In one step, of which hooks do not see anything. */
    private Activation unseenFeedForward(Session session, Activation x) {
        return session.feedForward(x, intermediate.weights(), intermediate.function(), output.weights(), output.norm());
    }

    /**
     * The new hidden states [B, T, H], without cross-attention; see
     * {@link BertSelfAttention#forward(Tensor, Tensor, Tensor, boolean)}.
     */
    public AttentionOutput forward(Tensor x, Tensor attentionMask, Tensor headMask, boolean outputAttentions) {
        return AttentionCall.run(this, attention.heads(), x, attentionMask, headMask, outputAttentions, this::forward);
    }

    /**
     * As the other, in a decoder, with cross-attention to the states of an encoder.
     *
     * @param encoderHiddenStates [B, S, H]
     * @param encoderAttentionMask [B, S] or [B, T, S], or null
     */
    public AttentionOutput forward(Tensor x, Tensor attentionMask, Tensor headMask, Tensor encoderHiddenStates,
            Tensor encoderAttentionMask, boolean outputAttentions) {
        return new DecoderCall(this, x, attentionMask, encoderHiddenStates, encoderAttentionMask).of(this, headMask,
                outputAttentions);
    }
}
