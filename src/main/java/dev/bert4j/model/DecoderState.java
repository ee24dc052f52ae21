package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.PastKeyValues;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.KeyValues;
import dev.bert4j.backend.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the layers of a decoder share in one pass beside their input: what earlier passes kept, the states of an
 * encoder, and what this pass keeps.
 */
public final class DecoderState implements AutoCloseable {
    private final List<LayerCache> past;
    private final boolean keep;
    private final Activation encoderStates;
    private final AttentionSpec crossSpec;
    private final List<LayerCache> kept = new ArrayList<>();

    /**
     * One for a pass.
     *
     * @param past for each layer what is kept of the texts, with null for a text of which nothing is; or null
     * @param keep whether a later pass wants what this one makes
     * @param encoderStates the encoder's hidden states, or null to pass cross-attention over
     * @param crossSpec how the texts attend to them, without a head mask
     */
    DecoderState(List<LayerCache> past, boolean keep, Activation encoderStates, AttentionSpec crossSpec) {
        this.past = past;
        this.keep = keep;
        this.encoderStates = encoderStates;
        this.crossSpec = crossSpec;
    }

    /** That of a batch which attends so to the states of an encoder, or not; null for a model that is no decoder. */
    public static DecoderState of(BertConfig config, Batch batch, AttentionSpec cross, boolean keeps,
            Session session) {
        if (!config.isDecoder()) {
            return null;
        }
        boolean keep = keeps && IntStream.range(0, batch.inputs().size()).anyMatch(batch::keeps);
        return new DecoderState(past(config, batch), keep, cross == null ? null : encoderStates(config, batch, session),
                cross);
    }

    /** The states of all texts one after the other. */
    private static Activation encoderStates(BertConfig config, Batch batch, Session session) {
        List<float[]> all = batch.inputs().stream().map(input -> input.encoderHiddenStates().data()).toList();
        float[] rows = new float[all.stream().mapToInt(data -> data.length).reduce(0, Math::addExact)];
        int to = 0;
        for (float[] data : all) {
            System.arraycopy(data, 0, rows, to, data.length);
            to += data.length;
        }
        return session.upload(rows, rows.length / config.hiddenSize(), config.hiddenSize());
    }

    private static List<LayerCache> past(BertConfig config, Batch batch) {
        if (batch.inputs().stream().allMatch(input -> input.pastKeyValues() == null)) {
            return null;
        }
        List<LayerCache> past = new ArrayList<>();
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            List<KeyValues> self = new ArrayList<>();
            List<KeyValues> cross = new ArrayList<>();
            for (int i = 0; i < batch.inputs().size(); i++) {
                PastKeyValues of = batch.inputs().get(i).pastKeyValues();
                List<KeyValues> none = Collections.nCopies(batch.texts(i), null);
                self.addAll(of == null ? none : of.layers().get(layer).self());
                cross.addAll(of == null || of.encoderLength() == 0 ? none : of.layers().get(layer).cross());
            }
            past.add(new LayerCache(self, cross));
        }
        return past;
    }

    /** What a layer has of it. */
    Layer layer(int number, float[] headMask, Trace trace) {
        LayerCache before = past == null ? null : past.get(number);
        KeyValueSlot self = new KeyValueSlot(null, before == null ? null : before.self(), keep);
        if (encoderStates == null) {
            return new Layer(self, null, null, null);
        }
        List<KeyValues> crossPast = before == null ? null : before.cross();
        return new Layer(self, new KeyValueSlot(encoderStates, crossPast, keep), crossSpec.withHeadMask(headMask),
                trace.nextCrossAttentions(crossSpec));
    }

    /** Takes what a layer leaves. */
    void end(Layer layer) {
        if (keep) {
            kept.add(new LayerCache(layer.self.kept(), layer.cross == null ? null : layer.cross.kept()));
        }
    }

    /** What every layer kept of the texts {@code [from, to)}. */
    public List<LayerCache> kept(int from, int to) {
        return kept.stream().map(layer -> layer.map(texts -> texts.subList(from, to))).toList();
    }

    @Override
    public void close() {
        if (encoderStates != null) {
            encoderStates.close();
        }
    }

    /**
     * What a layer has of it.
     *
     * @param self of its self-attention
     * @param cross of its cross-attention, null to pass it over
     * @param crossSpec how its cross-attention attends
     * @param crossProbabilities null, or where to put the probabilities of its cross-attention
     */
    record Layer(KeyValueSlot self, KeyValueSlot cross, AttentionSpec crossSpec, float[] crossProbabilities) {
    }
}
