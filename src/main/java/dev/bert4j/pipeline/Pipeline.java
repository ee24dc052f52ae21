package dev.bert4j.pipeline;

import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.PreTrainedModel;
import dev.bert4j.Tensor;
import dev.bert4j.TruncationStrategy;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A task: a model and its tokenizer, from texts to answers. Immutable and thread-safe.
 *
 * <p>Inputs come one, as a list, or as a stream that is read as the answers are taken. Many go through the model in
 * batches of up to {@link #batchTokens} tokens, of which none is padding, and each is answered with the bits that it
 * has alone, in the order in which they came. All methods throw
 *
 * <ul>
 * <li>IllegalArgumentException if an input cannot be answered: it is null, has more tokens than the model takes, or
 *     lacks what the task needs; the sentence says which of a list it is, counted from 0
 * <li>IllegalStateException if the model is closed, or its weights give no numbers
 * </ul>
 *
 * @param <I> what goes in
 * @param <O> the options of a call
 * @param <R> what comes out for one input
 */
public abstract class Pipeline<I, O, R> implements AutoCloseable {
    /** Enough for a matrix product to be worth its while, and few enough for answers to come soon. */
    static final int BATCH_TOKENS = 4096;

    private final PreTrainedModel model;
    private final BertTokenizer tokenizer;
    private final O defaults;
    private final Settings settings;

    /**
     * What all pipelines have.
     *
     * @param batchTokens tokens of a batch, at least 1
     * @param ownsModel whether closing the pipeline closes the model
     */
    record Settings(int batchTokens, boolean ownsModel) {
        /** The model is the caller's. */
        static final Settings DEFAULTS = new Settings(BATCH_TOKENS, false);

        Settings {
            if (batchTokens < 1) {
                throw new IllegalArgumentException("batchTokens must be at least 1, not " + batchTokens + ".");
            }
        }

        Settings withBatchTokens(int tokens) {
            return new Settings(tokens, ownsModel);
        }
    }

    Pipeline(PreTrainedModel model, BertTokenizer tokenizer, O defaults, Settings settings) {
        if (tokenizer.vocabSize() > model.config().vocabSize()) {
            throw new IllegalArgumentException("The tokenizer does not belong to the model: it has "
                    + tokenizer.vocabSize() + " tokens, but the model only " + model.config().vocabSize() + " words.");
        }
        this.model = model;
        this.tokenizer = tokenizer;
        this.defaults = defaults;
        this.settings = settings;
    }

    /** The windows of an input, each of which goes through the model. */
    abstract List<Encoding> encode(I input, O options);

    /** Runs windows as one batch: for each what {@link #answer} needs. */
    abstract List<Tensor> run(List<Encoding> windows);

    /** The answer to an input, from what the model said to its windows. */
    abstract R answer(I input, O options, List<Encoding> windows, List<Tensor> outputs);

    /** This pipeline with batches of up to that many tokens, at least 1; a longer text is a batch of its own. */
    public abstract Pipeline<I, O, R> withBatchTokens(int tokens);

    /** Answers one input, with default options. */
    public final R apply(I input) {
        return apply(input, defaults);
    }

    /** Answers one input. */
    public final R apply(I input, O options) {
        Objects.requireNonNull(options, "options");
        List<Encoding> windows = windows(input, options);
        BatchPlanner<I> planner = new BatchPlanner<>(settings.batchTokens, null, this::run);
        return answer(input, options, windows, planner.outputs(windows));
    }

    /** Answers a list of inputs, with default options. */
    public final List<R> apply(List<? extends I> inputs) {
        return apply(inputs, defaults);
    }

    /** Answers a list of inputs. */
    public final List<R> apply(List<? extends I> inputs, O options) {
        return apply(inputs.stream(), options).toList();
    }

    /** Answers a stream of inputs, with default options. */
    public final Stream<R> apply(Stream<? extends I> inputs) {
        return apply(inputs, defaults);
    }

    /**
     * Answers a stream of inputs, a batch when its answers are wanted; no more than a batch is held. If an input cannot
     * be answered, those before it are.
     */
    public final Stream<R> apply(Stream<? extends I> inputs, O options) {
        Objects.requireNonNull(options, "options");
        var planner = new BatchPlanner<I>(settings.batchTokens, input -> windows(input, options), this::run);
        return inputs.<I>map(input -> input).gather(planner.gatherer())
                .map(done -> answer(done.input(), options, done.windows(), done.outputs()));
    }

    private List<Encoding> windows(I input, O options) {
        if (input == null) {
            throw new IllegalArgumentException("The input is null.");
        }
        List<Encoding> windows = encode(input, options);
        int most = model.config().maxPositionEmbeddings();
        for (Encoding window : windows) {
            if (window.size() > most) {
                throw new IllegalArgumentException("The text has " + window.size() + " tokens, but the model takes at"
                        + " most " + most + " tokens (max_position_embeddings); shorten or split it.");
            }
        }
        return windows;
    }

    /** Tokens of a batch. */
    public final int batchTokens() {
        return settings.batchTokens;
    }

    /** The tokenizer. */
    public final BertTokenizer tokenizer() {
        return tokenizer;
    }

    /** The model. */
    public PreTrainedModel model() {
        return model;
    }

    final Settings settings() {
        return settings;
    }

    /** The most tokens of a window: what the model takes, or fewer if the tokenizer says so. */
    final int mostTokens() {
        return Math.min(tokenizer.modelMaxLength(), model.config().maxPositionEmbeddings());
    }

    /** Options that cut to the limit of a tokenizer that may know none: to what the model takes. */
    final EncodeOptions limited(EncodeOptions options) {
        boolean cuts = options.truncation() != TruncationStrategy.DO_NOT_TRUNCATE;
        return cuts && options.maxLength() == EncodeOptions.MODEL_MAX_LENGTH ? options.withMaxLength(mostTokens())
                : options;
    }

    /** Closes the model if {@link Pipelines} opened it; one that was given to a constructor stays the caller's. */
    @Override
    public void close() {
        if (settings.ownsModel) {
            model.close();
        }
    }
}
