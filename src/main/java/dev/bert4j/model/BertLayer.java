package dev.bert4j.model;

import dev.bert4j.AttentionOutput;
import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;

/** One layer: attention, and then every token on its own. */
public final class BertLayer extends HiddenModule {
    private final BertAttention attention;
    private final BertIntermediate intermediate;
    private final BertOutput output;

    /** Loads it; {@code number} is its own among the layers. */
    public BertLayer(ModelRuntime runtime, BertConfig config, ParameterScope scope, int number) {
        super(runtime, config);
        visible(this);
        attention = add("attention", new BertAttention(runtime, config, scope.at("attention"), number));
        intermediate = add("intermediate", new BertIntermediate(runtime, config, scope.at("intermediate")));
        output = add("output", new BertOutput(runtime, config, scope.at("output")));
    }

    /** Self-attention. */
    public BertAttention attention() {
        return attention;
    }

    /** The widening half of the feed-forward part. */
    public BertIntermediate intermediate() {
        return intermediate;
    }

    /** The narrowing half. */
    public BertOutput output() {
        return output;
    }

    /** The new hidden states; see {@link BertSelfAttention#forward(Session, Activation, AttentionSpec, float[])}. */
    public Activation forward(Session session, Activation x, AttentionSpec spec, float[] probabilities) {
        try (Activation attended = attention.forward(session, x, spec, probabilities);
                Activation inner = intermediate.forward(session, attended)) {
            return shown(session, output.forward(session, inner, attended));
        }
    }

    /** The new hidden states [B, T, H]; see {@link BertSelfAttention#forward(Tensor, Tensor, Tensor, boolean)}. */
    public AttentionOutput forward(Tensor x, Tensor attentionMask, Tensor headMask, boolean outputAttentions) {
        return AttentionCall.run(this, attention.heads(), x, attentionMask, headMask, outputAttentions, this::forward);
    }
}
