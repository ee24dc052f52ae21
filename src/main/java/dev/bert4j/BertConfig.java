package dev.bert4j;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * The configuration of a BERT, as {@code config.json} holds it: every key that is absent has the default of the
 * reference, and keys that mean nothing here are kept.
 */
public final class BertConfig {
    /** The file's name in a model folder. */
    public static final String FILE = "config.json";

    private static final List<String> POSITION_TYPES = List.of("absolute", "relative_key", "relative_key_query");

    private final ConfigValues values;
    private final ConfigLabels labels;

    private BertConfig(ConfigValues values) {
        this.values = values;
        labels = new ConfigLabels(values);
        ConfigChecks.check(this, values);
    }

    /** The configuration with every key at its default: bert-base-uncased. */
    public static BertConfig defaults() {
        return new BertConfig(new ConfigValues(Map.of(), "the default config"));
    }

    /**
     * Reads {@code config.json} of a model folder.
     *
     * @throws IOException if it is not there or no JSON object
     * @throws IllegalArgumentException if a value is none that a BERT can have
     */
    public static BertConfig fromPretrained(Path folder) throws IOException {
        BertConfig config = new BertConfig(ConfigValues.read(folder));
        config.labels.warnOfContradiction();
        return config;
    }

    /**
     * This configuration with one key changed. Another number of labels removes their names, and new names remove the
     * number, so that the change counts.
     *
     * @throws IllegalArgumentException if the value is none that a BERT can have, or contradicts other keys
     */
    public BertConfig with(String key, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(values.map());
        changed.put(key, ConfigValues.copy(value));
        ConfigLabels.settle(changed, key);
        BertConfig config = new BertConfig(new ConfigValues(changed, values.source()));
        config.labels.checkChanged(key);
        return config;
    }

    /** What {@code config.json} says of a model of that class: all keys that were given, and what it is. */
    byte[] toJson(String architecture) {
        Map<String, Object> json = new LinkedHashMap<>(values.map());
        json.put("architectures", List.of(architecture));
        json.putIfAbsent("model_type", "bert");
        return (Json.writeIndented(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** All keys that were given, with their JSON values; those this class does not know are among them. */
    public Map<String, Object> values() {
        return values.map();
    }

    /** The classes the checkpoint was saved from, {@code [BertForMaskedLM]} for one; empty if it does not say. */
    public List<String> architectures() {
        return values.get("architectures") instanceof List<?> list ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** Rows of the word table. */
    public int vocabSize() {
        return values.integer("vocab_size", 30522, 1);
    }

    /** Features of a hidden state, H. */
    public int hiddenSize() {
        return values.integer("hidden_size", 768, 1);
    }

    /** Layers of the encoder. */
    public int numHiddenLayers() {
        return values.integer("num_hidden_layers", 12, 1);
    }

    /** Attention heads of a layer. */
    public int numAttentionHeads() {
        return values.integer("num_attention_heads", 12, 1);
    }

    /** Features of one head, H / heads. */
    public int headSize() {
        return hiddenSize() / numAttentionHeads();
    }

    /** Heads that layers have lost, layer → heads; a layer that has all is not there. */
    public SortedMap<Integer, SortedSet<Integer>> prunedHeads() {
        return PrunedHeads.of(values);
    }

    /** The numbers of the heads that a layer has, rising. */
    public int[] headsOf(int layer) {
        return PrunedHeads.left(prunedHeads(), layer, numAttentionHeads());
    }

    /** Features inside the feed-forward part of a layer. */
    public int intermediateSize() {
        return values.integer("intermediate_size", 3072, 1);
    }

    /** How tokens know their positions: {@code absolute}, {@code relative_key} or {@code relative_key_query}. */
    public String positionEmbeddingType() {
        return values.oneOf("position_embedding_type", POSITION_TYPES, "absolute");
    }

    /** The function inside the feed-forward part and the head for masked words. */
    public ActivationFunction hiddenAct() {
        return ActivationFunction.of(values.string("hidden_act", "gelu"));
    }

    /** Tokens that a text may have. */
    public int maxPositionEmbeddings() {
        return values.integer("max_position_embeddings", 512, 1);
    }

    /** Rows of the token type table. */
    public int typeVocabSize() {
        return values.integer("type_vocab_size", 2, 1);
    }

    /** The standard deviation of newly made weights. */
    public double initializerRange() {
        return values.number("initializer_range", 0.02);
    }

    /** What layer normalisation adds to the variance. */
    public double layerNormEps() {
        return values.number("layer_norm_eps", 1e-12);
    }

    /** The share that training drops of hidden states; inference drops nothing. */
    public double hiddenDropoutProb() {
        return values.number("hidden_dropout_prob", 0.1);
    }

    /** The share that training drops of attention probabilities. */
    public double attentionProbsDropoutProb() {
        return values.number("attention_probs_dropout_prob", 0.1);
    }

    /** The padding token, or null for none. */
    public Integer padTokenId() {
        return values.isNull("pad_token_id") ? null
                : Integer.valueOf(values.integer("pad_token_id", 0, 0));
    }

    /** Whether the decoder of a language model head is the word table. */
    public boolean tieWordEmbeddings() {
        return values.flag("tie_word_embeddings", true);
    }

    /** Tokens that the reference feeds forward at a time, or 0 for all; T must be a multiple of it. */
    public int chunkSizeFeedForward() {
        return values.integer("chunk_size_feed_forward", 0, 0);
    }

    /** Whether tokens see only those before them, so that the model can write on. */
    public boolean isDecoder() {
        return values.flag("is_decoder", false);
    }

    /** Whether the layers of a decoder also attend to the states of an encoder. */
    public boolean addCrossAttention() {
        return values.flag("add_cross_attention", false);
    }

    /** Whether a decoder keeps keys and values for the next call, unless the input says otherwise. */
    public boolean useCache() {
        return values.flag("use_cache", true);
    }

    /** The tokens that end a text that is written; none where the config names none. */
    public Set<Integer> eosTokenIds() {
        return values.ids("eos_token_id");
    }

    /** The share that training drops before a classifier: that of hidden states where the config does not say. */
    public double classifierDropout() {
        return values.get("classifier_dropout") == null ? hiddenDropoutProb() : values.number("classifier_dropout", 0);
    }

    /** Labels of a classification. */
    public int numLabels() {
        return labels.numLabels();
    }

    /** The names of the labels by their numbers, from 0 on; {@code LABEL_0} and so on where the config has none. */
    public SortedMap<Integer, String> id2label() {
        return labels.id2label();
    }

    /** The numbers of the labels by their names. */
    public Map<String, Integer> label2id() {
        return labels.label2id();
    }

    /**
     * What a classification of texts is trained for: {@code regression}, {@code single_label_classification} or
     * {@code multi_label_classification}; null where the labels are to tell.
     */
    public String problemType() {
        return labels.problemType();
    }

    /** Where it comes from, for messages. */
    String source() {
        return values.source();
    }
}
