package dev.bert4j.model;

import dev.bert4j.AttentionOutput;
import dev.bert4j.BertConfig;
import dev.bert4j.PastKeyValues;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;
import java.util.ArrayList;
import java.util.List;

/** Calls a part of a layer that attends on tensors. */
final class AttentionCall {
    private AttentionCall() {
    }

    /** What is called. */
    @FunctionalInterface
    interface Body {
        Activation apply(Session session, Activation x, AttentionSpec spec, float[] probabilities, KeyValueSlot slot);
    }

    /** Self-attention of x. */
    static AttentionOutput run(HiddenModule module, AttentionHeads heads, Tensor x, Tensor attentionMask,
            Tensor headMask, boolean outputAttentions, Body body) {
        return run(module, heads, x, null, attentionMask, headMask, outputAttentions, body);
    }

    /** Attention of x to the states of an encoder, or to itself where they are null. */
    static AttentionOutput run(HiddenModule module, AttentionHeads heads, Tensor x, Tensor encoderStates, Tensor mask,
            Tensor headMask, boolean outputAttentions, Body body) {
        BertConfig config = module.config();
        InputChecks.hiddenStates(config, x, "The input of " + module.printedName());
        InputChecks.headMask(config, headMask, false);
        if (encoderStates != null) {
            InputChecks.encoderStates(config, encoderStates, x.size(0));
        }
        Tensor attended = encoderStates == null ? x : encoderStates;
        AttentionSpec spec = Masks.spec(config, x, attended, mask).withHeadMask(Masks.ofLayer(headMask, 0));
        float[] probabilities = outputAttentions ? new float[heads.of(spec).probabilitiesStart(spec.texts())] : null;
        List<List<Tensor>> kept = new ArrayList<>();
        Tensor hidden = module.onBackend(x, config.hiddenSize(), (session, in) -> {
            try (Activation states = encoderStates == null ? null : session.upload(encoderStates.data(),
                    encoderStates.size(0) * encoderStates.size(1), config.hiddenSize())) {
                KeyValueSlot slot = new KeyValueSlot(states, null, config.isDecoder());
                Activation y = body.apply(session, in, spec, probabilities, slot);
                if (config.isDecoder()) {
                    kept.add(PastKeyValues.heads(slot.kept(), config.headSize()));
                }
                return y;
            }
        });
        return new AttentionOutput(hidden, probabilities == null ? null
                : Tensor.of(probabilities, x.size(0), heads.count(), x.size(1), attended.size(1)), null,
                kept.isEmpty() ? null : kept.getFirst());
    }
}
