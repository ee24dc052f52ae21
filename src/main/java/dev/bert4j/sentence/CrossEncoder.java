package dev.bert4j.sentence;

import dev.bert4j.BertForSequenceClassification;
import dev.bert4j.BertInput;
import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.LoadOptions;
import dev.bert4j.TruncationStrategy;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.reference.ScalarActivation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Scores pairs of texts that the model reads together, as sentence-transformers does with the same folder. Immutable
 * and thread-safe.
 *
 * <p>A model of one label gives the logistic function of its logit, one of several its logits, unless its config names
 * another function.
 */
public final class CrossEncoder implements AutoCloseable {
    private final BertForSequenceClassification model;
    private final BertTokenizer tokenizer;
    private final ActivationFunction function;
    private final EncodeOptions options;

    private CrossEncoder(BertForSequenceClassification model, BertTokenizer tokenizer, ActivationFunction function) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.function = function;
        options = EncodeOptions.defaults().withTruncation(TruncationStrategy.LONGEST_FIRST)
                .withMaxLength(Math.min(model.config().maxPositionEmbeddings(), tokenizer.modelMaxLength()));
    }

    /** Two texts. */
    public record Pair(String first, String second) {
    }

    /**
     * A document in its place.
     *
     * @param corpusId its number among those given
     * @param score how well it answers the query
     * @param text the document
     */
    public record Ranked(int corpusId, float score, String text) {
    }

    /** As {@link #fromPretrained(Path, LoadOptions)}, with the defaults. */
    public static CrossEncoder fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /**
     * Opens a folder of a sequence-classification model.
     *
     * @throws IOException if a file is missing or damaged, or its config names a function that is not supported
     */
    public static CrossEncoder fromPretrained(Path folder, LoadOptions options) throws IOException {
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(folder);
        BertForSequenceClassification model = BertForSequenceClassification.fromPretrained(folder, options);
        try {
            return new CrossEncoder(model, tokenizer, function(folder, model.config().numLabels()));
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    /** A folder, or a model of the hub by its name. */
    public static CrossEncoder fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return fromPretrained(SentenceEncoder.folderOf(nameOrFolder, options), options);
    }

    private static ActivationFunction function(Path folder, int labels) throws IOException {
        SentenceConfig whole = SentenceConfig.read(folder.resolve("config.json"));
        SentenceConfig config = whole.object("sentence_transformers");
        // Before its version 4, sentence-transformers kept it under the second name.
        String name = config.string("activation_fn", whole.string("sbert_ce_default_activation_function",
                labels == 1 ? "Sigmoid" : "Identity"));
        ActivationFunction f = Dense.FUNCTIONS.get(name.substring(name.lastIndexOf('.') + 1));
        if (f == null) {
            throw config.wrong("activation_fn", "one of PyTorch's "
                    + String.join(", ", Dense.FUNCTIONS.keySet().stream().sorted().toList()));
        }
        return f;
    }

    /** How many scores a pair has. */
    public int numLabels() {
        return model.config().numLabels();
    }

    /** The scores of a pair, one for each label. */
    public float[] predict(String first, String second) {
        return predict(List.of(new Pair(first, second)))[0];
    }

    /** The scores of pairs in their order, one for each label. */
    public float[][] predict(List<Pair> pairs) {
        float[][] scores = new float[pairs.size()][];
        TokenBatches.run(scores.length, i -> tokens(pairs.get(i)), TokenBatches.TOKENS,
                (batch, first) -> run(batch, scores, first));
        return scores;
    }

    /** How many tokens of a pair the model sees: with the special ones, and cut as {@link #predict} cuts. */
    public int tokenCount(Pair pair) {
        return tokens(pair).size();
    }

    /** An empty second text counts here: its separator stays, which to the tokenizer a blank says. */
    private Encoding tokens(Pair pair) {
        if (pair.first() == null || pair.second() == null) {
            throw new IllegalArgumentException("A text of a pair is null; an empty text is \"\".");
        }
        return tokenizer.encode(pair.first(), pair.second().isEmpty() ? " " : pair.second(), options);
    }

    private void run(List<BertInput> batch, float[][] scores, int first) {
        var outputs = model.forward(batch);
        for (int i = 0; i < outputs.size(); i++) {
            float[] logits = outputs.get(i).logits().data().clone();
            for (int label = 0; label < logits.length; label++) {
                logits[label] = ScalarActivation.apply(function, logits[label]);
            }
            scores[first + i] = logits;
        }
    }

    /** The scores of pairs as probabilities of the labels: the softmax of what {@link #predict} gives. */
    public float[][] predictProbabilities(List<Pair> pairs) {
        float[][] scores = predict(pairs);
        for (float[] row : scores) {
            double most = IntStream.range(0, row.length).mapToDouble(i -> row[i]).max().orElse(0);
            double sum = IntStream.range(0, row.length).mapToDouble(i -> Math.exp(row[i] - most)).sum();
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) (Math.exp(row[i] - most) / sum);
            }
        }
        return scores;
    }

    /**
     * Documents by how well they answer a query, the best first; of equal ones the first given.
     *
     * @throws IllegalStateException if the model has several labels, and so no order
     */
    public List<Ranked> rank(String query, List<String> documents) {
        if (numLabels() != 1) {
            throw new IllegalStateException("A model of " + numLabels() + " labels cannot rank; it takes one of one.");
        }
        float[][] scores = predict(documents.stream().map(document -> new Pair(query, document)).toList());
        return IntStream.range(0, scores.length)
                .mapToObj(i -> new Ranked(i, scores[i][0], documents.get(i)))
                .sorted(Comparator.comparing(Ranked::score, Comparator.reverseOrder())).toList();
    }

    /** The names of the labels by number. */
    public Map<Integer, String> labels() {
        return model.config().id2label();
    }

    /** Closes the model; calls that run finish. */
    @Override
    public void close() {
        model.close();
    }
}
