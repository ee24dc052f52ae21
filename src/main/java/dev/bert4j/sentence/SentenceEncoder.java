package dev.bert4j.sentence;

import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.LoadOptions;
import dev.bert4j.Tensor;
import dev.bert4j.TruncationStrategy;
import dev.bert4j.hub.Hub;
import dev.bert4j.metrics.ForwardMetrics;
import dev.bert4j.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes a vector of a text, as sentence-transformers does with the same folder. Immutable and thread-safe.
 *
 * <pre>{@code
 * try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(Path.of("all-MiniLM-L6-v2"))) {
 *     float[] vector = encoder.encode("A dog chases a fox");
 * }
 * }</pre>
 *
 * <p>A text has the same vector, to the last bit, whatever texts are encoded with it.
 */
public final class SentenceEncoder implements AutoCloseable {
    private final BertModel model;
    private final BertTokenizer tokenizer;
    private final SentenceFolder folder;
    private final int maxSeqLength;

    private SentenceEncoder(BertModel model, BertTokenizer tokenizer, SentenceFolder folder) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.folder = folder;
        // The model has no positions beyond, whatever the folder says.
        int allowed = model.config().maxPositionEmbeddings();
        int wanted = folder.maxSeqLength() > 0 ? folder.maxSeqLength() : tokenizer.modelMaxLength();
        maxSeqLength = Math.min(allowed, wanted);
    }

    /** As {@link #fromPretrained(Path, LoadOptions)}, with the defaults. */
    public static SentenceEncoder fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /**
     * Opens a folder: one of sentence-transformers with Transformer, Pooling, Dense and Normalize, or any BERT model,
     * of which the mean of the token vectors is taken.
     *
     * @throws IOException if a file is missing or damaged, or says what is not supported; the message names it
     */
    public static SentenceEncoder fromPretrained(Path folder, LoadOptions options) throws IOException {
        Path transformer = SentenceFolder.transformer(folder);
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(transformer);
        BertModel model = BertModel.fromPretrained(transformer, hasPooler(transformer) ? options
                : options.withoutPoolingLayer());
        try {
            return new SentenceEncoder(model, tokenizer, SentenceFolder.read(folder, model.config().hiddenSize()));
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    /** A pooler is not needed, but one that is there and left out would be warned of. */
    private static boolean hasPooler(Path folder) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.tensors().keySet().stream().anyMatch(name -> name.endsWith("pooler.dense.weight"));
        }
    }

    /**
     * Opens a folder, or a model of the hub by its name, which is fetched if it is not in the cache.
     *
     * @throws IOException if it cannot be fetched or opened
     */
    public static SentenceEncoder fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return fromPretrained(folderOf(nameOrFolder, options), options);
    }

    static Path folderOf(String nameOrFolder, LoadOptions options) throws IOException {
        try {
            if (!nameOrFolder.isEmpty() && Files.exists(Path.of(nameOrFolder))) {
                return Path.of(nameOrFolder);
            }
        } catch (InvalidPathException e) {
            // Then it can only be a name.
        }
        return Hub.download(nameOrFolder, options.hub());
    }

    /** Values of a vector. */
    public int dimension() {
        return folder.dimension();
    }

    /** Tokens that a text is cut to, the special ones included. */
    public int maxSeqLength() {
        return maxSeqLength;
    }

    /** The prompts of the model by name. */
    public Map<String, String> prompts() {
        return Map.copyOf(folder.prompts());
    }

    /** The name of the prompt that is used where none is given, or null. */
    public String defaultPromptName() {
        return folder.defaultPrompt();
    }

    /** How its vectors are to be compared. */
    public SimilarityFunction similarityFunction() {
        return folder.similarity();
    }

    /** The similarity of each vector of {@code a}, a row, to each of {@code b}, a column. */
    public float[][] similarity(float[][] a, float[][] b) {
        return folder.similarity().of(a, b);
    }

    /** The vector of a text, {@link #dimension} values. */
    public float[] encode(String text) {
        return encode(List.of(text), SentenceOptions.defaults())[0];
    }

    /** The vectors of texts, in their order. */
    public float[][] encode(List<String> texts) {
        return encode(texts, SentenceOptions.defaults());
    }

    /**
     * The vectors of texts, in their order.
     *
     * @throws IllegalArgumentException if a prompt is named that the model has not, or more values are to be kept than
     *     there are
     */
    public float[][] encode(List<String> texts, SentenceOptions options) {
        if (options.truncateDim() > dimension()) {
            throw new IllegalArgumentException("truncateDim is " + options.truncateDim() + ", and vectors of this model"
                    + " have " + dimension() + " values.");
        }
        String prompt = prompt(options);
        // As in the reference: what the prompt is alone, but for the separator behind it.
        int skipped = folder.pooling().includePrompt() || prompt.isEmpty() ? 0 : tokens(prompt).size() - 1;
        float[][] vectors = new float[texts.size()][];
        TokenBatches.run(vectors.length, i -> tokens(prompt + given(texts, i)), options.batchTokens(),
                (batch, first) -> run(batch, vectors, first, skipped, options));
        return vectors;
    }

    /**
     * How many tokens of a text the model sees: with its prompt and the special ones, and cut as {@link #encode} cuts.
     *
     * @throws IllegalArgumentException if a prompt is named that the model has not
     */
    public int tokenCount(String text, SentenceOptions options) {
        return tokens(prompt(options) + text).size();
    }

    private static String given(List<String> texts, int i) {
        if (texts.get(i) == null) {
            throw new IllegalArgumentException("Text " + i + " is null; an empty text is \"\".");
        }
        return texts.get(i);
    }

    private Encoding tokens(String text) {
        return tokenizer.encode(folder.lowerCase() ? text.toLowerCase(Locale.ROOT) : text, EncodeOptions.defaults()
                .withTruncation(TruncationStrategy.LONGEST_FIRST).withMaxLength(maxSeqLength));
    }

    private String prompt(SentenceOptions options) {
        if (options.prompt() != null) {
            return options.prompt();
        }
        String name = options.promptName() != null ? options.promptName() : folder.defaultPrompt();
        if (name == null) {
            return "";
        }
        String prompt = folder.prompts().get(name);
        if (prompt == null) {
            throw new IllegalArgumentException("There is no prompt '" + name + "'; "
                    + (folder.prompts().isEmpty() ? "the model has none." : "the model has "
                            + String.join(", ", folder.prompts().keySet()) + "."));
        }
        return prompt;
    }

    private void run(List<BertInput> batch, float[][] vectors, int first, int skipped, SentenceOptions options) {
        List<float[]> pooled = pool(batch, skipped);
        for (int i = 0; i < pooled.size(); i++) {
            float[] vector = pooled.get(i);
            for (SentenceModule module : folder.modules()) {
                vector = module.apply(vector);
            }
            vector = options.truncateDim() > 0 ? Arrays.copyOf(vector, options.truncateDim()) : vector;
            requireFinite(vector, first + i);
            vectors[first + i] = options.normalize() ? new Normalize().apply(vector) : vector;
        }
    }

    private List<float[]> pool(List<BertInput> batch, int skipped) {
        Pooling pooling = folder.pooling();
        if (pooling.picks()) {
            List<int[]> tokens = batch.stream()
                    .map(text -> pooling.picked(text.inputIds()[0].length, skipped)).toList();
            return model.lastHiddenStateAt(batch, tokens).stream().map(Tensor::data).toList();
        }
        return model.forward(batch).stream().map(output -> pooling.pool(output.lastHiddenState().data(),
                model.config().hiddenSize(), skipped)).toList();
    }

    private static void requireFinite(float[] vector, int text) {
        for (float value : vector) {
            if (!Float.isFinite(value)) {
                throw new IllegalStateException("The vector of text " + text + " holds " + value + ", which is no"
                        + " number to compare; the weights of the model may be damaged.");
            }
        }
    }

    /** The forward passes since it was opened. */
    public ForwardMetrics metrics() {
        return model.metrics();
    }

    /** What runs the model, for a person. */
    public String description() {
        return model.backend().name() + " (" + model.backend().description() + ")";
    }

    /** Closes the model; calls that run finish. */
    @Override
    public void close() {
        model.close();
    }
}
