package dev.bert4j.model;

import dev.bert4j.BaseModelOutput;
import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;
import java.util.ArrayList;
import java.util.List;

/** The layers, one after the other. */
public final class BertEncoder extends HiddenModule {
    private final ModuleList<BertLayer> layer;

    /** Loads it. */
    public BertEncoder(ModelRuntime runtime, BertConfig config, ParameterScope scope) {
        super(runtime, config);
        visible(this);
        List<BertLayer> layers = new ArrayList<>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            scope.checkStillLoading();
            layers.add(new BertLayer(runtime, config, scope.at("layer").at(String.valueOf(i)), i));
        }
        layer = add("layer", new ModuleList<>(layers));
    }

    /** The layers. */
    public ModuleList<BertLayer> layer() {
        return layer;
    }

    /**
     * Runs all layers.
     *
     * @param x the embeddings, which stay the caller's to close
     * @param spec how the texts attend, without a head mask
     * @param headMask [heads] or [layers, heads], or null
     * @param trace collects what the caller wants to see
     * @param decoder what a decoder has beside, or null
     */
    public Activation forward(Session session, Activation x, AttentionSpec spec, Tensor headMask, Trace trace,
            DecoderState decoder) {
        return forward(session, x, spec, headMask, trace, decoder, null);
    }

    /**
     * Runs all layers as far as some tokens need them. The last layer computes of the others keys and values only,
     * unless more of it is to be seen, or what a token gets depends on where it stands.
     *
     * @param tokens those whose last hidden states are wanted, one row each: ascending, each once and at least one; or
     *     null for all
     */
    public Activation forward(Session session, Activation x, AttentionSpec spec, Tensor headMask, Trace trace,
            DecoderState decoder, int[] tokens) {
        boolean some = tokens != null && tokens.length < x.tokens();
        // Once and for all: a hook that is registered while this runs sees nothing of it.
        boolean unseen = some && decoder == null && !trace.collects() && !isHooked() && last().takesSome();
        trace.hidden(session, x);
        Activation hidden = x;
        for (int i = 0; i < layer.size(); i++) {
            float[] factors = Masks.ofLayer(headMask, i);
            AttentionSpec layerSpec = headMask == null ? spec : spec.withHeadMask(factors);
            float[] probabilities = trace.nextAttentions(layer.get(i).attention().heads().of(spec));
            Activation next;
            if (unseen && layer.get(i) == last()) {
                next = last().unseen(session, hidden, layerSpec, tokens);
            } else if (decoder == null) {
                next = layer.get(i).forward(session, hidden, layerSpec, probabilities, KeyValueSlot.NONE);
            } else {
                DecoderState.Layer state = decoder.layer(i, factors, trace);
                next = layer.get(i).forward(session, hidden, layerSpec, probabilities, state);
                decoder.end(state);
            }
            if (hidden != x) {
                hidden.close();
            }
            hidden = next;
            trace.hidden(session, hidden);
        }
        if (unseen) {
            return hidden;
        }
        shown(session, hidden);
        if (!some) {
            return hidden;
        }
        try (Activation all = hidden) {
            return session.gather(all, tokens);
        }
    }

    private BertLayer last() {
        return layer.get(layer.size() - 1);
    }

    /**
     * Runs all layers on hidden states [B, T, H]. Here, as in the reference, nothing is causal by itself: it is the
     * model that hides the tokens behind each one of a decoder.
     *
     * @param attentionMask [B, T] or [B, T, T] of ones and zeros as a model takes it, or null
     * @param headMask [heads] or [layers, heads], or null
     */
    public BaseModelOutput forward(Tensor x, Tensor attentionMask, Tensor headMask, boolean outputHiddenStates,
            boolean outputAttentions) {
        InputChecks.hiddenStates(config(), x, "The input of BertEncoder");
        InputChecks.headMask(config(), headMask, true);
        AttentionSpec spec = Masks.spec(config(), x, attentionMask);
        Trace trace = new Trace(outputHiddenStates, outputAttentions);
        Tensor last = onBackend(x, config().hiddenSize(),
                (session, in) -> forward(session, in, spec, headMask, trace, null));
        return new BaseModelOutput(last, trace.hiddenStates(x.shape()),
                trace.attentions(x.size(0), x.size(1), x.size(1)), null);
    }

    /**
     * As the other, in a decoder with cross-attention.
     *
     * @param encoderHiddenStates [B, S, H]
     * @param encoderAttentionMask [B, S] or [B, T, S], or null
     */
    public BaseModelOutput forward(Tensor x, Tensor attentionMask, Tensor headMask, Tensor encoderHiddenStates,
            Tensor encoderAttentionMask, boolean outputHiddenStates, boolean outputAttentions) {
        return new DecoderCall(this, x, attentionMask, encoderHiddenStates, encoderAttentionMask).of(this, headMask,
                outputHiddenStates, outputAttentions);
    }
}
