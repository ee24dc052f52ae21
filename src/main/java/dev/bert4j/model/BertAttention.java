package dev.bert4j.model;

import dev.bert4j.AttentionOutput;
import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;

/** Self-attention with its output projection. */
public final class BertAttention extends HiddenModule {
    private final BertSelfAttention self;
    private final BertSelfOutput output;
    private final AttentionHeads heads;

    /** Loads that of a layer. */
    public BertAttention(ModelRuntime runtime, BertConfig config, ParameterScope scope, int layer) {
        super(runtime, config);
        visible(this);
        heads = new AttentionHeads(config, layer);
        self = add("self", new BertSelfAttention(runtime, config, scope.at("self"), heads));
        output = add("output", new BertSelfOutput(runtime, config, scope.at("output"), heads));
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

    /** The new hidden states; see {@link BertSelfAttention#forward(Session, Activation, AttentionSpec, float[])}. */
    public Activation forward(Session session, Activation x, AttentionSpec spec, float[] probabilities) {
        try (Activation context = self.forward(session, x, spec, probabilities)) {
            return shown(session, output.forward(session, context, x));
        }
    }

    /** The new hidden states [B, T, H]; see {@link BertSelfAttention#forward(Tensor, Tensor, Tensor, boolean)}. */
    public AttentionOutput forward(Tensor x, Tensor attentionMask, Tensor headMask, boolean outputAttentions) {
        return AttentionCall.run(this, heads, x, attentionMask, headMask, outputAttentions, this::forward);
    }
}
