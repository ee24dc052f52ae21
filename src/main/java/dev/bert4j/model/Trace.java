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
    private final List<Probabilities> attentions;
    private final List<Probabilities> crossAttentions;

    /** Those of a layer, which may have fewer heads than others. */
    private record Probabilities(int heads, float[] values) {
    }

    /** Collects what is asked for. */
    public Trace(boolean hiddenStates, boolean attentions) {
        this.hiddenStates = hiddenStates ? new ArrayList<>() : null;
        this.attentions = attentions ? new ArrayList<>() : null;
        this.crossAttentions = attentions ? new ArrayList<>() : null;
    }

    /** Whether anything is asked for. */
    boolean collects() {
        return hiddenStates != null || attentions != null;
    }

    void hidden(Session session, Activation x) {
        if (hiddenStates != null) {
            hiddenStates.add(session.download(x));
        }
    }

    /** An array for the probabilities of the next layer, which attends so, or null if nobody wants them. */
    float[] nextAttentions(AttentionSpec spec) {
        return next(attentions, spec);
    }

    /** The same for its cross-attention. */
    float[] nextCrossAttentions(AttentionSpec spec) {
        return next(crossAttentions, spec);
    }

    private static float[] next(List<Probabilities> layers, AttentionSpec spec) {
        if (layers == null) {
            return null;
        }
        float[] probabilities = new float[spec.probabilitiesStart(spec.texts())];
        layers.add(new Probabilities(spec.heads(), probabilities));
        return probabilities;
    }

    /** The hidden states of an input, each [B, T, H]; null if not collected or not asked for by this input. */
    public List<Tensor> hiddenStates(Batch batch, int input, int features) {
        if (hiddenStates == null || !batch.inputs().get(input).outputHiddenStates()) {
            return null;
        }
        return hiddenStates.stream().map(rows -> batch.slice(rows, input, features)).toList();
    }

    /**
     * The attention probabilities of an input, each [B, heads of the layer, T, keys]; null if not asked for by this
     * input.
     */
    public List<Tensor> attentions(Batch batch, AttentionSpec spec, int input) {
        return of(attentions, batch, spec, input);
    }

    /** The same of the cross-attentions; null if there were none, too. */
    public List<Tensor> crossAttentions(Batch batch, AttentionSpec spec, int input) {
        return spec == null ? null : of(crossAttentions, batch, spec, input);
    }

    private static List<Tensor> of(List<Probabilities> layers, Batch batch, AttentionSpec spec, int input) {
        if (layers == null || !batch.inputs().get(input).outputAttentions()) {
            return null;
        }
        int text = batch.firstText(input);
        int texts = batch.texts(input);
        int queries = batch.length(input);
        int keys = texts == 0 ? queries : spec.keys(text);
        return layers.stream().map(layer -> {
            int from = spec.withHeads(layer.heads).probabilitiesStart(text);
            int count = texts * layer.heads * queries * keys;
            return Tensor.of(Arrays.copyOfRange(layer.values, from, from + count), texts, layer.heads, queries, keys);
        }).toList();
    }

    /** All hidden states of [B, T, features] values; null if not collected. */
    List<Tensor> hiddenStates(int... shape) {
        return hiddenStates == null ? null : hiddenStates.stream().map(rows -> Tensor.of(rows, shape)).toList();
    }

    /** All attention probabilities of a dense batch; null if not collected. */
    List<Tensor> attentions(int texts, int queries, int keys) {
        return of(attentions, texts, queries, keys);
    }

    /** The same of the cross-attentions. */
    List<Tensor> crossAttentions(int texts, int queries, int keys) {
        return of(crossAttentions, texts, queries, keys);
    }

    private static List<Tensor> of(List<Probabilities> layers, int texts, int queries, int keys) {
        return layers == null ? null
                : layers.stream().map(layer -> Tensor.of(layer.values, texts, layer.heads, queries, keys)).toList();
    }
}
