package dev.bert4j.model;

import dev.bert4j.AttentionOutput;
import dev.bert4j.BaseModelOutput;
import dev.bert4j.BertConfig;
import dev.bert4j.PastKeyValues;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Calls a layer, or all of them, on tensors [B, T, H] with the states [B, S, H] of an encoder beside. */
final class DecoderCall {
    private final HiddenModule module;
    private final BertConfig config;
    private final Tensor x;
    private final Tensor states;
    private final AttentionSpec spec;
    private final AttentionSpec crossSpec;

    DecoderCall(HiddenModule module, Tensor x, Tensor attentionMask, Tensor states, Tensor encoderAttentionMask) {
        this.module = module;
        this.config = module.config();
        this.x = x;
        this.states = Objects.requireNonNull(states, "encoderHiddenStates");
        if (!config.addCrossAttention()) {
            throw new IllegalArgumentException("encoderHiddenStates are given, but this " + module.printedName()
                    + " has no cross-attention (add_cross_attention).");
        }
        InputChecks.hiddenStates(config, x, "The input of " + module.printedName());
        InputChecks.encoderStates(config, states, x.size(0));
        spec = Masks.spec(config, x, attentionMask);
        crossSpec = Masks.spec(config, x, states, encoderAttentionMask);
    }

    /** What is called. */
    @FunctionalInterface
    private interface Body {
        Activation apply(Session session, Activation in, DecoderState decoder);
    }

    private Tensor run(Body body) {
        return module.onBackend(x, config.hiddenSize(), (session, in) -> {
            Activation encoder = session.upload(states.data(), states.size(0) * states.size(1), config.hiddenSize());
            try (DecoderState decoder = new DecoderState(null, true, encoder, crossSpec)) {
                return body.apply(session, in, decoder);
            }
        });
    }

    AttentionOutput of(BertLayer layer, Tensor headMask, boolean outputAttentions) {
        InputChecks.headMask(config, headMask, false);
        float[] factors = Masks.ofLayer(headMask, 0);
        Trace trace = new Trace(false, outputAttentions);
        List<Tensor> kept = new ArrayList<>();
        Tensor hidden = run((session, in, decoder) -> {
            float[] probabilities = trace.nextAttentions(layer.attention().heads().of(spec));
            DecoderState.Layer state = decoder.layer(0, factors, trace);
            Activation y = layer.forward(session, in, spec.withHeadMask(factors), probabilities, state);
            kept.addAll(PastKeyValues.heads(state.self().kept(), config.headSize()));
            kept.addAll(PastKeyValues.heads(state.cross().kept(), config.headSize()));
            return y;
        });
        return new AttentionOutput(hidden, outputAttentions ? attentions(trace).getFirst() : null,
                outputAttentions ? crossAttentions(trace).getFirst() : null, List.copyOf(kept));
    }

    BaseModelOutput of(BertEncoder encoder, Tensor headMask, boolean outputHiddenStates, boolean outputAttentions) {
        InputChecks.headMask(config, headMask, true);
        Trace trace = new Trace(outputHiddenStates, outputAttentions);
        Tensor last = run((session, in, decoder) -> encoder.forward(session, in, spec, headMask, trace, decoder));
        return new BaseModelOutput(last, trace.hiddenStates(x.shape()), attentions(trace), crossAttentions(trace));
    }

    private List<Tensor> attentions(Trace trace) {
        return trace.attentions(x.size(0), x.size(1), x.size(1));
    }

    private List<Tensor> crossAttentions(Trace trace) {
        return trace.crossAttentions(x.size(0), x.size(1), states.size(1));
    }
}
