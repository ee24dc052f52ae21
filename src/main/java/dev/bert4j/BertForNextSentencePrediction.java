package dev.bert4j;

import dev.bert4j.hub.Hub;
import dev.bert4j.model.BertOnlyNSPHead;
import dev.bert4j.model.ParameterLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** BERT with a head that says whether the second text of a pair follows the first. */
public final class BertForNextSentencePrediction extends PreTrainedModel {
    private final BertModel bert;
    private final BertOnlyNSPHead cls;

    private BertForNextSentencePrediction(Loaded loaded, BertModel bert, BertOnlyNSPHead cls) {
        super(loaded);
        this.bert = add("bert", bert);
        this.cls = add("cls", cls);
    }

    /** Opens the checkpoint of a folder; see {@link BertModel#fromPretrained(Path)}. */
    public static BertForNextSentencePrediction fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(Path)}, with options; there is always a pooler. */
    public static BertForNextSentencePrediction fromPretrained(Path folder, LoadOptions options) throws IOException {
        return load(folder, options, "BertForNextSentencePrediction", true, BertForNextSentencePrediction::make);
    }

    /** Opens a folder, or a model of the hub by its name; see {@link BertModel#fromPretrained(String)}. */
    public static BertForNextSentencePrediction fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, with options, which also say which hub and revision. */
    public static BertForNextSentencePrediction fromPretrained(String nameOrFolder, LoadOptions options)
            throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options.hub(), Hub::model), options);
    }

    private static BertForNextSentencePrediction make(Loaded loaded, ParameterLoader loader) throws IOException {
        BertModel bert = BertModel.make(loaded, loader, loader.root().at("bert"), true, false);
        BertOnlyNSPHead cls = new BertOnlyNSPHead(loaded.runtime(), loaded.config(), loader.root().at("cls"));
        return new BertForNextSentencePrediction(finish(loaded, loader, List.of()), bert, cls);
    }

    @Override
    public BertForNextSentencePrediction to(String device) {
        return (BertForNextSentencePrediction) super.to(device);
    }

    @Override
    public BertForNextSentencePrediction pruneHeads(Map<Integer, Set<Integer>> heads) {
        return (BertForNextSentencePrediction) super.pruneHeads(heads);
    }

    /** The model below the head. */
    public BertModel bert() {
        return bert;
    }

    /** The head. */
    public BertOnlyNSPHead cls() {
        return cls;
    }

    /**
     * Scores each of a batch of pairs of one length: index 0 for a continuation, index 1 for none.
     *
     * @throws IllegalArgumentException if the input is none that the config allows
     * @throws IllegalStateException if the model is closed
     */
    public NextSentencePredictorOutput forward(BertInput input) {
        return forward(List.of(input)).getFirst();
    }

    /**
     * As {@link #forward(BertInput)}, with the loss.
     *
     * @param labels [B]: 0 for pairs whose second text follows the first, 1 for others, −100 for those that do not
     *     count
     * @throws IllegalArgumentException also if the labels are not as many as pairs, or others than these
     */
    public NextSentencePredictorOutput forward(BertInput input, int[] labels) {
        NextSentencePredictorOutput output = forward(input);
        Tensor loss = CrossEntropy.loss(output.logits(), labels);
        return new NextSentencePredictorOutput(loss, output.logits(), output.hiddenStates(), output.attentions());
    }

    /**
     * Runs inputs of any lengths as one batch, without padding; the answers are to the last bit those of single calls.
     */
    public List<NextSentencePredictorOutput> forward(List<BertInput> inputs) {
        ForwardPass pass = new ForwardPass(bert, inputs);
        float[] rows = pass.pooledRows(cls::forward);
        return pass.outputs(i -> new NextSentencePredictorOutput(null, pass.texts(rows, i, 2), pass.hiddenStates(i),
                pass.attentions(i)));
    }
}
