package dev.bert4j;

import dev.bert4j.backend.KeyValues;
import dev.bert4j.model.LayerCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What a decoder keeps of the tokens that it has seen, so that the next call computes only those that follow: keys and
 * values of every layer. Give it to the next call with {@link BertInput#withPastKeyValues}.
 *
 * <p>Immutable and thread-safe. Each call answers a new one, which shares what is there with the one before; both can
 * be gone on from, any number of times. It needs no closing: its memory, of the Java heap or of the model's device, is
 * free when nobody holds it any more. What is on a device goes when the model is closed.
 */
public final class PastKeyValues {
    private final Object owner;
    private final int headSize;
    private final List<LayerCache> layers;

    /**
     * Takes what a model kept.
     *
     * @param owner what makes other models' caches strange
     */
    PastKeyValues(Object owner, int headSize, List<LayerCache> layers) {
        this.owner = owner;
        this.headSize = headSize;
        this.layers = List.copyOf(layers);
    }

    boolean belongsTo(Object model) {
        return owner == model;
    }

    /** What the layers keep, as modules take it. */
    public List<LayerCache> layers() {
        return layers;
    }

    /** Texts, B. */
    public int texts() {
        return layers.getFirst().self().size();
    }

    /** Tokens that were seen of every text, P. */
    public int length() {
        return layers.getFirst().self().getFirst().length();
    }

    /** Layers of the model. */
    public int numLayers() {
        return layers.size();
    }

    /** Tokens of the encoder that cross-attention sees, S; 0 where it was passed over. */
    public int encoderLength() {
        return layers.getFirst().cross() == null ? 0 : layers.getFirst().cross().getFirst().length();
    }

    /**
     * A copy of what is kept of a layer, as the reference shows it: keys and values, each [B, heads, P, head size],
     * and, where there is cross-attention, those of the encoder, each [B, heads, S, head size].
     *
     * @throws IndexOutOfBoundsException if there is no such layer
     */
    public List<Tensor> layer(int number) {
        LayerCache layer = layers.get(number);
        List<Tensor> tensors = new ArrayList<>(heads(layer.self(), headSize));
        if (layer.cross() != null) {
            tensors.addAll(heads(layer.cross(), headSize));
        }
        return List.copyOf(tensors);
    }

    /** Keys and values of some texts of one length, each [B, heads, length, head size]. */
    public static List<Tensor> heads(List<KeyValues> texts, int headSize) {
        return List.of(heads(texts, texts.stream().map(KeyValues::keys).toList(), headSize),
                heads(texts, texts.stream().map(KeyValues::values).toList(), headSize));
    }

    private static Tensor heads(List<KeyValues> texts, List<float[]> rows, int headSize) {
        int length = texts.getFirst().length();
        int features = texts.getFirst().features();
        int heads = features / headSize;
        float[] data = new float[Math.multiplyExact(texts.size(), Math.multiplyExact(length, features))];
        for (int text = 0; text < texts.size(); text++) {
            for (int head = 0; head < heads; head++) {
                for (int token = 0; token < length; token++) {
                    System.arraycopy(rows.get(text), token * features + head * headSize, data,
                            ((text * heads + head) * length + token) * headSize, headSize);
                }
            }
        }
        return Tensor.of(data, texts.size(), heads, length, headSize);
    }

    /**
     * Other texts in the place of these, as beam search chooses among them: text i becomes {@code texts[i]}. Texts may
     * be left out and come several times; nothing is copied.
     *
     * @throws IndexOutOfBoundsException if there is no such text
     * @throws IllegalArgumentException if no text is left
     */
    public PastKeyValues reorder(int... texts) {
        if (texts.length == 0) {
            throw new IllegalArgumentException("At least one text must be left.");
        }
        UnaryOperator<List<KeyValues>> pick = all -> Arrays.stream(texts).mapToObj(all::get).toList();
        return new PastKeyValues(owner, headSize, layers.stream().map(layer -> layer.map(pick)).toList());
    }

    /** Says that nobody goes on from here any more. What was gone on to stays, which shares the encoder's part. */
    void release() {
        layers.forEach(layer -> layer.self().forEach(KeyValues::release));
    }

    /** The same, and that nobody went on from here. */
    void releaseAll() {
        release();
        layers.stream().filter(layer -> layer.cross() != null)
                .forEach(layer -> layer.cross().forEach(KeyValues::release));
    }

    @Override
    public String toString() {
        return "PastKeyValues[" + texts() + " texts, " + length() + " tokens, " + numLayers() + " layers]";
    }
}
