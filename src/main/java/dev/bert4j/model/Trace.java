package dev.bert4j.model;

import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Collects the hidden states and attention probabilities of a pass, where they are asked for. */
public final class Trace {
    private final List<float[]> hiddenStates;
    private final List<float[]> attentions;

    /** Collects what is asked for. */
    public Trace(boolean hiddenStates, boolean attentions) {
        this.hiddenStates = hiddenStates ? new ArrayList<>() : null;
        this.attentions = attentions ? new ArrayList<>() : null;
    }

    void hidden(Session session, Activation x) {
        if (hiddenStates != null) {
            hiddenStates.add(session.download(x));
        }
    }

    /** An array for the probabilities of the next layer, or null if nobody wants them. */
    float[] nextAttentions(AttentionSpec spec) {
        if (attentions == null) {
            return null;
        }
        float[] probabilities = new float[spec.probabilitiesStart(spec.texts())];
        attentions.add(probabilities);
        return probabilities;
    }

    /** The hidden states of an input, each [B, T, H]; null if not collected or not asked for by this input. */
    public List<Tensor> hiddenStates(Batch batch, int input, int features) {
        if (hiddenStates == null || !batch.inputs().get(input).outputHiddenStates()) {
            return null;
        }
        return hiddenStates.stream().map(rows -> batch.slice(rows, input, features)).toList();
    }

    /** The attention probabilities of an input, each [B, heads, T, T]; null if not asked for by this input. */
    public List<Tensor> attentions(Batch batch, AttentionSpec spec, int input) {
        if (attentions == null || !batch.inputs().get(input).outputAttentions()) {
            return null;
        }
        int texts = batch.texts(input);
        int length = batch.length(input);
        int from = spec.probabilitiesStart(batch.firstText(input));
        int count = texts * spec.heads() * length * length;
        return attentions.stream().map(all -> Tensor.of(Arrays.copyOfRange(all, from, from + count), texts,
                spec.heads(), length, length)).toList();
    }

    /** All hidden states of [B, T, features] values; null if not collected. */
    List<Tensor> hiddenStates(int... shape) {
        return hiddenStates == null ? null : hiddenStates.stream().map(rows -> Tensor.of(rows, shape)).toList();
    }

    /** All attention probabilities of a dense batch; null if not collected. */
    List<Tensor> attentions(int... shape) {
        return attentions == null ? null : attentions.stream().map(all -> Tensor.of(all, shape)).toList();
    }
}
