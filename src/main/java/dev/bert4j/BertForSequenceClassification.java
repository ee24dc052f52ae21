package dev.bert4j;

import dev.bert4j.hub.Hub;
import dev.bert4j.model.ParameterLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** BERT with a head that scores labels, or estimates values, for a whole text or pair of texts. */
public final class BertForSequenceClassification extends ClassifierModel {
    private BertForSequenceClassification(Parts parts) {
        super(parts);
    }

    /** Opens the checkpoint of a folder; see {@link BertModel#fromPretrained(Path)}. */
    public static BertForSequenceClassification fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(Path)}, with options; there is always a pooler. */
    public static BertForSequenceClassification fromPretrained(Path folder, LoadOptions options) throws IOException {
        return load(folder, options, "BertForSequenceClassification", true, BertForSequenceClassification::make);
    }

    /** Opens a folder, or a model of the hub by its name; see {@link BertModel#fromPretrained(String)}. */
    public static BertForSequenceClassification fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, with options, which also say which hub and revision. */
    public static BertForSequenceClassification fromPretrained(String nameOrFolder, LoadOptions options)
            throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options.hub(), Hub::model), options);
    }

    private static BertForSequenceClassification make(Loaded loaded, ParameterLoader loader) throws IOException {
        return new BertForSequenceClassification(Parts.load(loaded, loader, true, loaded.config().numLabels()));
    }

    @Override
    public BertForSequenceClassification to(String device) {
        return (BertForSequenceClassification) super.to(device);
    }

    @Override
    public BertForSequenceClassification pruneHeads(Map<Integer, Set<Integer>> heads) {
        return (BertForSequenceClassification) super.pruneHeads(heads);
    }

    /**
     * Scores the labels for each of a batch of texts of one length.
     *
     * @throws IllegalArgumentException if the input is none that the config allows
     * @throws IllegalStateException if the model is closed
     */
    public SequenceClassifierOutput forward(BertInput input) {
        return forward(List.of(input)).getFirst();
    }

    /**
     * As {@link #forward(BertInput)}, with the loss: the cross-entropy of the labels or, for a model with a single
     * label and no other problem type, the mean squared error of a regression to them.
     *
     * @param labels [B]: the right label of every text, −100 for texts that do not count; to a regression −100 is a
     *     number like others
     * @throws IllegalArgumentException also if the model's problem type takes other labels, they are not as many as
     *     texts, or the model has none of such a number
     */
    public SequenceClassifierOutput forward(BertInput input, int[] labels) {
        SequenceClassifierOutput output = forward(input);
        return withLoss(output, SequenceLoss.of(output.logits(), labels, config().problemType()));
    }

    /**
     * As {@link #forward(BertInput)}, with the loss: the mean squared error for a model with a single label or trained
     * for regression, else the binary cross-entropy of labels of which a text may have several.
     *
     * @param labels [B, numLabels], with a single label also [B]: the right value of every text and label
     * @throws IllegalArgumentException also if the model's problem type takes other labels, or they have another shape
     */
    public SequenceClassifierOutput forward(BertInput input, Tensor labels) {
        SequenceClassifierOutput output = forward(input);
        return withLoss(output, SequenceLoss.of(output.logits(), labels, config().problemType()));
    }

    private static SequenceClassifierOutput withLoss(SequenceClassifierOutput output, Tensor loss) {
        return new SequenceClassifierOutput(loss, output.logits(), output.hiddenStates(), output.attentions());
    }

    /**
     * Runs inputs of any lengths as one batch, without padding; the answers are to the last bit those of single calls.
     */
    public List<SequenceClassifierOutput> forward(List<BertInput> inputs) {
        ForwardPass pass = new ForwardPass(bert(), inputs);
        float[] rows = pass.pooledRows(classifier()::forward);
        return pass.outputs(i -> new SequenceClassifierOutput(null, pass.texts(rows, i, classifier().outFeatures()),
                pass.hiddenStates(i), pass.attentions(i)));
    }
}
