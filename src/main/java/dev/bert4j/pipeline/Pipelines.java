package dev.bert4j.pipeline;

import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertForNextSentencePrediction;
import dev.bert4j.BertForQuestionAnswering;
import dev.bert4j.BertForSequenceClassification;
import dev.bert4j.BertForTokenClassification;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.LoadOptions;
import dev.bert4j.PreTrainedModel;
import dev.bert4j.hub.Hub;
import dev.bert4j.pipeline.Pipeline.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * Opens the model of a folder, or of a name at the hub, for a task.
 *
 * <pre>{@code
 * try (FillMaskPipeline fillMask = Pipelines.from("google-bert/bert-base-uncased").fillMask()) {
 *     fillMask.apply("Nice to [MASK] you.");
 * }
 * }</pre>
 *
 * <p>Closing a pipeline that was opened here closes its model. Every method that opens one throws an IOException if a
 * file is missing, damaged, or lacks a tensor of the task's class, and an IllegalArgumentException if the config is
 * none of a BERT or does not suit the task.
 */
public final class Pipelines {
    private static final List<String> TASKS = List.of("fill-mask", "text-classification", "token-classification",
            "question-answering", "feature-extraction", "next-sentence", "zero-shot-classification");

    private final Path folder;
    private final LoadOptions options;

    private Pipelines(Path folder, LoadOptions options) {
        this.folder = folder;
        this.options = options;
    }

    /** Opens a model as the class of a task. */
    @FunctionalInterface
    private interface Loader<M extends PreTrainedModel> {
        M load(Path folder, LoadOptions options) throws IOException;
    }

    /** Makes a pipeline of a model that is its own. */
    @FunctionalInterface
    private interface Maker<M, P> {
        P make(M model, BertTokenizer tokenizer, Settings settings);
    }

    /** The names of the tasks that {@link #of} opens; for some it knows the reference's further names, too. */
    public static List<String> tasks() {
        return TASKS;
    }

    /** For the model of a folder with config, weights and tokenizer. */
    public static Pipelines from(Path folder) {
        return from(folder, LoadOptions.defaults());
    }

    /** For the model of a folder, opened with these options. */
    public static Pipelines from(Path folder, LoadOptions options) {
        return new Pipelines(folder, options);
    }

    /**
     * For the model of a folder, or, where there is none of that name, of the hub, from which it is fetched now.
     *
     * @param nameOrFolder a folder, or {@code name} or {@code org/name}
     * @throws IOException if the model cannot be fetched; a {@link dev.bert4j.hub.HubException} says why
     * @throws IllegalArgumentException if it is neither a folder that is there nor a name
     */
    public static Pipelines from(String nameOrFolder) throws IOException {
        return from(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #from(String)}, with options, which also say which hub and revision. */
    public static Pipelines from(String nameOrFolder, LoadOptions options) throws IOException {
        return from(isHere(nameOrFolder) ? Path.of(nameOrFolder) : Hub.download(nameOrFolder, options.hub()), options);
    }

    private static boolean isHere(String name) {
        try {
            return !name.isEmpty() && Files.exists(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * Opens the pipeline of a task by its name.
     *
     * @param task one of {@link #tasks}, or what the reference calls it beside: {@code ner}, {@code sentiment-analysis}
     * @throws IllegalArgumentException also if there is no such task
     */
    public Pipeline<?, ?, ?> of(String task) throws IOException {
        return switch (task) {
            case "fill-mask" -> fillMask();
            case "text-classification", "sentiment-analysis" -> textClassification();
            case "token-classification", "ner" -> tokenClassification();
            case "question-answering" -> questionAnswering();
            case "feature-extraction" -> featureExtraction();
            case "next-sentence" -> nextSentence();
            case "zero-shot-classification" -> zeroShotClassification();
            default -> throw new IllegalArgumentException("There is no task '" + task + "'; it must be one of "
                    + String.join(", ", TASKS) + ".");
        };
    }

    /** Opens a model for masked words. */
    public FillMaskPipeline fillMask() throws IOException {
        return open(BertForMaskedLM::fromPretrained, FillMaskPipeline::new);
    }

    /** Opens a model that classifies texts, and pairs of them. */
    public TextClassificationPipeline textClassification() throws IOException {
        return open(BertForSequenceClassification::fromPretrained, TextClassificationPipeline::new);
    }

    /** Opens a model that labels tokens. */
    public TokenClassificationPipeline tokenClassification() throws IOException {
        return open(BertForTokenClassification::fromPretrained, TokenClassificationPipeline::new);
    }

    /** Opens a model that finds answers. */
    public QuestionAnsweringPipeline questionAnswering() throws IOException {
        return open(BertForQuestionAnswering::fromPretrained, QuestionAnsweringPipeline::new);
    }

    /** Opens a model for its hidden states; its pooler, if it has one, is not needed. */
    public FeatureExtractionPipeline featureExtraction() throws IOException {
        return open((path, load) -> BertModel.fromPretrained(path, load.withoutPoolingLayer()),
                FeatureExtractionPipeline::new);
    }

    /** Opens a model that knows whether a text continues another. */
    public NextSentencePipeline nextSentence() throws IOException {
        return open(BertForNextSentencePrediction::fromPretrained, NextSentencePipeline::new);
    }

    /** Opens a model of natural language inference, to classify texts by labels that come with them. */
    public ZeroShotClassificationPipeline zeroShotClassification() throws IOException {
        return open(BertForSequenceClassification::fromPretrained, ZeroShotClassificationPipeline::new);
    }

    private <M extends PreTrainedModel, P> P open(Loader<M> loader, Maker<M, P> maker) throws IOException {
        M model = loader.load(folder, options);
        try {
            return maker.make(model, BertTokenizer.fromPretrained(folder),
                    new Settings(Pipeline.BATCH_TOKENS, true));
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }
}
