package dev.bert4j;

import dev.bert4j.hub.Hub;
import dev.bert4j.model.Batch;
import dev.bert4j.model.ParameterLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** BERT with a head that scores labels for every token: what it is a name of, for one. */
public final class BertForTokenClassification extends ClassifierModel {
    private BertForTokenClassification(Parts parts) {
        super(parts);
    }

    /** Opens the checkpoint of a folder; see {@link BertModel#fromPretrained(Path)}. */
    public static BertForTokenClassification fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(Path)}, with options; there is never a pooler. */
    public static BertForTokenClassification fromPretrained(Path folder, LoadOptions options) throws IOException {
        return load(folder, options, "BertForTokenClassification", true, BertForTokenClassification::make);
    }

    /** Opens a folder, or a model of the hub by its name; see {@link BertModel#fromPretrained(String)}. */
    public static BertForTokenClassification fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, with options, which also say which hub and revision. */
    public static BertForTokenClassification fromPretrained(String nameOrFolder, LoadOptions options)
            throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options.hub(), Hub::model), options);
    }

    private static BertForTokenClassification make(Loaded loaded, ParameterLoader loader) throws IOException {
        return new BertForTokenClassification(Parts.load(loaded, loader, false, loaded.config().numLabels()));
    }

    @Override
    public BertForTokenClassification to(String device) {
        return (BertForTokenClassification) super.to(device);
    }

    @Override
    public BertForTokenClassification pruneHeads(Map<Integer, Set<Integer>> heads) {
        return (BertForTokenClassification) super.pruneHeads(heads);
    }

    /**
     * Scores the labels for every token of a batch of texts of one length.
     *
     * @throws IllegalArgumentException if the input is none that the config allows
     * @throws IllegalStateException if the model is closed
     */
    public TokenClassifierOutput forward(BertInput input) {
        return forward(List.of(input)).getFirst();
    }

    /**
     * As {@link #forward(BertInput)}, with the loss, which does not look at the attention mask.
     *
     * @param labels [B, T]: the right label of every token, −100 for those that do not count
     * @throws IllegalArgumentException also if the labels have another shape or are none of the model's
     */
    public TokenClassifierOutput forward(BertInput input, int[][] labels) {
        TokenClassifierOutput output = forward(input);
        Tensor loss = CrossEntropy.loss(output.logits(), labels);
        return new TokenClassifierOutput(loss, output.logits(), output.hiddenStates(), output.attentions());
    }

    /**
     * Runs inputs of any lengths as one batch, without padding; the answers are to the last bit those of single calls.
     */
    public List<TokenClassifierOutput> forward(List<BertInput> inputs) {
        ForwardPass pass = new ForwardPass(bert(), inputs);
        int labels = classifier().outFeatures();
        Batch.checkSize(pass.batch().tokens(), labels);
        float[] rows = pass.rows(classifier()::forward);
        return pass.outputs(i -> new TokenClassifierOutput(null, pass.tokens(rows, i, labels), pass.hiddenStates(i),
                pass.attentions(i)));
    }
}
