package dev.bert4j.model;

import dev.bert4j.AttentionOutput;
import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;
import java.util.Objects;

/** An attention, of a text to itself or to the states of an encoder, with its output projection. */
public final class BertAttention extends HiddenModule {
    private final BertSelfAttention self;
    private final BertSelfOutput output;
    private final AttentionHeads heads;

    private BertAttention(ModelRuntime runtime, BertConfig config, ParameterScope scope, AttentionHeads heads,
            String positions) {
        super(runtime, config);
        visible(this);
        this.heads = heads;
        self = add("self", new BertSelfAttention(runtime, config, scope.at("self"), heads, positions));
        output = add("output", new BertSelfOutput(runtime, config, scope.at("output"), heads));
    }

    /** Loads the self-attention of a layer. */
    static BertAttention ofLayer(ModelRuntime runtime, BertConfig config, ParameterScope scope, int layer) {
        return new BertAttention(runtime, config, scope, AttentionHeads.ofLayer(config, layer),
                config.positionEmbeddingType());
    }

    /** Loads a cross-attention: it has all heads, and positions of the other text mean nothing to it. */
    static BertAttention cross(ModelRuntime runtime, BertConfig config, ParameterScope scope) {
        return new BertAttention(runtime, config, scope, AttentionHeads.all(config), "absolute");
    }

    AttentionHeads heads() {
        return heads;
    }

    /** The attention itself. */
    public BertSelfAttention self() {
        return self;
    }

    /** The output projection. */
    public BertSelfOutput output() {
        return output;
    }

    /** The new hidden states; see {@link BertSelfAttention#forward}. */
    Activation forward(Session session, Activation x, AttentionSpec spec, float[] probabilities, KeyValueSlot slot) {
        try (Activation context = self.forward(session, x, spec, probabilities, slot)) {
            return shown(session, output.forward(session, context, x));
        }
    }

    /** The new hidden states [B, T, H]; see {@link BertSelfAttention#forward(Tensor, Tensor, Tensor, boolean)}. */
    public AttentionOutput forward(Tensor x, Tensor attentionMask, Tensor headMask, boolean outputAttentions) {
        return AttentionCall.run(this, heads, x, attentionMask, headMask, outputAttentions, this::forward);
    }

    /**
     * The new hidden states [B, T, H] of a cross-attention.
     *
     * @param x hidden states [B, T, H]
     * @param encoderHiddenStates [B, S, H]
     * @param encoderAttentionMask [B, S] or [B, T, S] of ones and zeros as a model takes it, or null
     * @param headMask [heads], or null
     */
    public AttentionOutput forward(Tensor x, Tensor encoderHiddenStates, Tensor encoderAttentionMask, Tensor headMask,
            boolean outputAttentions) {
        Objects.requireNonNull(encoderHiddenStates, "encoderHiddenStates");
        return AttentionCall.run(this, heads, x, encoderHiddenStates, encoderAttentionMask, headMask,
                outputAttentions, this::forward);
    }
}
