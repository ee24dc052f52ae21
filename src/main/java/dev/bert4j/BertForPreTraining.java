package dev.bert4j;

import dev.bert4j.backend.Activation;
import dev.bert4j.hub.Hub;
import dev.bert4j.model.Batch;
import dev.bert4j.model.BertPreTrainingHeads;
import dev.bert4j.model.ParameterLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** BERT with the two heads of its first training: masked words, and whether one text follows another. */
public final class BertForPreTraining extends PreTrainedModel {
    private final BertModel bert;
    private final BertPreTrainingHeads cls;

    private BertForPreTraining(Loaded loaded, BertModel bert, BertPreTrainingHeads cls) {
        super(loaded);
        this.bert = add("bert", bert);
        this.cls = add("cls", cls);
    }

    /** Opens the checkpoint of a folder; see {@link BertModel#fromPretrained(Path)}. */
    public static BertForPreTraining fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(Path)}, with options; there is always a pooler. */
    public static BertForPreTraining fromPretrained(Path folder, LoadOptions options) throws IOException {
        return load(folder, options, "BertForPreTraining", true, BertForPreTraining::make);
    }

    /** Opens a folder, or a model of the hub by its name; see {@link BertModel#fromPretrained(String)}. */
    public static BertForPreTraining fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, with options, which also say which hub and revision. */
    public static BertForPreTraining fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options.hub(), Hub::model), options);
    }

    private static BertForPreTraining make(Loaded loaded, ParameterLoader loader) throws IOException {
        BertModel bert = BertModel.make(loaded, loader, loader.root().at("bert"), true, false);
        BertPreTrainingHeads cls = new BertPreTrainingHeads(loaded.runtime(), loaded.config(),
                loader.root().at("cls"), bert.embeddings());
        return new BertForPreTraining(finish(loaded, loader, List.of()), bert, cls);
    }

    @Override
    public BertForPreTraining to(String device) {
        return (BertForPreTraining) super.to(device);
    }

    @Override
    public BertForPreTraining pruneHeads(Map<Integer, Set<Integer>> heads) {
        return (BertForPreTraining) super.pruneHeads(heads);
    }

    /** The model below the head. */
    public BertModel bert() {
        return bert;
    }

    /** The heads. */
    public BertPreTrainingHeads cls() {
        return cls;
    }

    /**
     * Scores the vocabulary for every token, and each pair, of a batch of texts of one length.
     *
     * @throws IllegalArgumentException if the input is none that the config allows
     * @throws IllegalStateException if the model is closed
     */
    public BertForPreTrainingOutput forward(BertInput input) {
        return forward(List.of(input)).getFirst();
    }

    /**
     * As {@link #forward(BertInput)}, with the loss if there are labels for both heads.
     *
     * @param labels [B, T]: the right word of every token, −100 for those that do not count; or null
     * @param nextSentenceLabel [B]: 0 for pairs whose second text follows the first, 1 for others, −100 for those that
     *     do not count; or null
     * @throws IllegalArgumentException also if labels have another shape, or are no words or others than these
     */
    public BertForPreTrainingOutput forward(BertInput input, int[][] labels, int[] nextSentenceLabel) {
        BertForPreTrainingOutput output = forward(input);
        double words = labels == null ? 0 : CrossEntropy.mean(output.predictionLogits(), labels);
        double pairs = nextSentenceLabel == null ? 0
                : CrossEntropy.mean(output.seqRelationshipLogits(), nextSentenceLabel, "nextSentenceLabel");
        Tensor loss = labels == null || nextSentenceLabel == null ? null : CrossEntropy.scalar(words + pairs);
        return new BertForPreTrainingOutput(loss, output.predictionLogits(), output.seqRelationshipLogits(),
                output.hiddenStates(), output.attentions());
    }

    /**
     * Runs inputs of any lengths as one batch, without padding; the answers are to the last bit those of single calls.
     */
    public List<BertForPreTrainingOutput> forward(List<BertInput> inputs) {
        ForwardPass pass = new ForwardPass(bert, inputs);
        int words = config().vocabSize();
        Batch.checkSize(pass.batch().tokens(), words);
        float[][] rows = pass.run((session, last) -> {
            try (Activation predictions = cls.predictions().forward(session, last);
                    Activation pooled = pass.pool(session, last);
                    Activation pairs = cls.seqRelationship().forward(session, pooled)) {
                return new float[][] {session.download(predictions), session.download(pairs)};
            }
        });
        return pass.outputs(i -> new BertForPreTrainingOutput(null, pass.tokens(rows[0], i, words),
                pass.texts(rows[1], i, 2), pass.hiddenStates(i), pass.attentions(i)));
    }
}
