package dev.bert4j.model;

import dev.bert4j.AttentionOutput;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;

/** Calls a part of a layer that attends on tensors. */
final class AttentionCall {
    private AttentionCall() {
    }

    /** What is called. */
    @FunctionalInterface
    interface Body {
        Activation apply(Session session, Activation x, AttentionSpec spec, float[] probabilities);
    }

    static AttentionOutput run(HiddenModule module, AttentionHeads heads, Tensor x, Tensor attentionMask,
            Tensor headMask, boolean outputAttentions, Body body) {
        InputChecks.hiddenStates(module.config(), x, "The input of " + module.printedName());
        InputChecks.headMask(module.config(), headMask, false);
        AttentionSpec spec = Masks.spec(module.config(), x, attentionMask).withHeadMask(Masks.ofLayer(headMask, 0));
        float[] probabilities = outputAttentions ? new float[heads.of(spec).probabilitiesStart(spec.texts())] : null;
        Tensor hidden = module.onBackend(x, module.config().hiddenSize(),
                (session, in) -> body.apply(session, in, spec, probabilities));
        return new AttentionOutput(hidden, probabilities == null ? null
                : Tensor.of(probabilities, x.size(0), heads.count(), x.size(1), x.size(1)));
    }
}
