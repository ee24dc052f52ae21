package dev.bert4j;

import dev.bert4j.hub.Hub;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Opens a folder as the class that it was saved from, which its {@code config.json} names under {@code architectures}.
 *
 * <pre>{@code
 * try (PreTrainedModel model = AutoModel.fromPretrained(folder)) {
 *     if (model instanceof BertForSequenceClassification classifier) { … }
 * }
 * }</pre>
 */
public final class AutoModel {
    private static final Map<String, Loader> LOADERS = new LinkedHashMap<>();

    static {
        LOADERS.put("BertModel", BertModel::fromPretrained);
        LOADERS.put("BertForPreTraining", BertForPreTraining::fromPretrained);
        LOADERS.put("BertLMHeadModel", BertLMHeadModel::fromPretrained);
        LOADERS.put("BertForMaskedLM", BertForMaskedLM::fromPretrained);
        LOADERS.put("BertForNextSentencePrediction", BertForNextSentencePrediction::fromPretrained);
        LOADERS.put("BertForSequenceClassification", BertForSequenceClassification::fromPretrained);
        LOADERS.put("BertForMultipleChoice", BertForMultipleChoice::fromPretrained);
        LOADERS.put("BertForTokenClassification", BertForTokenClassification::fromPretrained);
        LOADERS.put("BertForQuestionAnswering", BertForQuestionAnswering::fromPretrained);
    }

    private AutoModel() {
    }

    /** Opens a folder as one class. */
    @FunctionalInterface
    private interface Loader {
        PreTrainedModel open(Path folder, LoadOptions options) throws IOException;
    }

    /** The names of the classes that can be opened, as {@code architectures} has them. */
    public static Set<String> classes() {
        return Collections.unmodifiableSet(LOADERS.keySet());
    }

    /**
     * Opens the checkpoint of a folder as the first class of its config that is known here.
     *
     * @throws IOException if a file is missing, damaged, or lacks a tensor
     * @throws IllegalArgumentException if the config names no class that is known, or is none of a BERT, or a tensor
     *     does not fit it
     */
    public static PreTrainedModel fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(Path)}, with options; a config among them names the class. */
    public static PreTrainedModel fromPretrained(Path folder, LoadOptions options) throws IOException {
        BertConfig config = PreTrainedModel.config(folder, options);
        List<String> named = config.architectures();
        String known = named.stream().filter(LOADERS::containsKey).findFirst().orElseThrow(() ->
                new IllegalArgumentException(config.source() + ": architectures "
                        + (config.values().get("architectures") == null ? "is not there" : "is " + config.values()
                                .get("architectures")) + " but must be a list with one of "
                        + String.join(", ", LOADERS.keySet()) + "."));
        return LOADERS.get(known).open(folder, options.withConfig(config));
    }

    /** Opens a folder, or a model of the hub by its name; see {@link BertModel#fromPretrained(String)}. */
    public static PreTrainedModel fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, with options, which also say which hub and revision. */
    public static PreTrainedModel fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options.hub(), Hub::model), options);
    }
}
