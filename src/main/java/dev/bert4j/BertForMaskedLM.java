package dev.bert4j;

import dev.bert4j.backend.Activation;
import dev.bert4j.hub.Hub;
import dev.bert4j.model.Batch;
import dev.bert4j.model.BertOnlyMLMHead;
import dev.bert4j.model.ParameterLoader;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** BERT with a head that scores the vocabulary for every token: what stands behind a {@code [MASK]}. */
public final class BertForMaskedLM extends PreTrainedModel {
    private final BertModel bert;
    private final BertOnlyMLMHead cls;

    private BertForMaskedLM(Loaded loaded, BertModel bert, BertOnlyMLMHead cls) {
        super(loaded);
        this.bert = add("bert", bert);
        this.cls = add("cls", cls);
    }

    /** Opens the checkpoint of a folder; see {@link BertModel#fromPretrained(Path)}. */
    public static BertForMaskedLM fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(Path)}, with options; there is never a pooler. */
    public static BertForMaskedLM fromPretrained(Path folder, LoadOptions options) throws IOException {
        BertForMaskedLM model = load(folder, options, "BertForMaskedLM", true, BertForMaskedLM::make);
        if (model.config().isDecoder()) {
            System.getLogger(BertForMaskedLM.class.getPackageName()).log(Level.WARNING, "The config of {0} says"
                    + " is_decoder: in BertForMaskedLM, too, no token sees those behind it.", folder);
        }
        return model;
    }

    /** Opens a folder, or a model of the hub by its name; see {@link BertModel#fromPretrained(String)}. */
    public static BertForMaskedLM fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, with options, which also say which hub and revision. */
    public static BertForMaskedLM fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options.hub(), Hub::model), options);
    }

    private static BertForMaskedLM make(Loaded loaded, ParameterLoader loader) throws IOException {
        BertModel bert = BertModel.make(loaded, loader, loader.root().at("bert"), false, false);
        BertOnlyMLMHead cls = new BertOnlyMLMHead(loaded.runtime(), loaded.config(), loader.root().at("cls"),
                bert.embeddings());
        return new BertForMaskedLM(finish(loaded, loader, List.of("pooler")), bert, cls);
    }

    @Override
    public BertForMaskedLM to(String device) {
        return (BertForMaskedLM) super.to(device);
    }

    @Override
    public BertForMaskedLM pruneHeads(Map<Integer, Set<Integer>> heads) {
        return (BertForMaskedLM) super.pruneHeads(heads);
    }

    /** The model below the head. */
    public BertModel bert() {
        return bert;
    }

    /** The head. */
    public BertOnlyMLMHead cls() {
        return cls;
    }

    /**
     * Scores the vocabulary for every token of a batch of texts of one length.
     *
     * @throws IllegalArgumentException if the input is none that the config allows
     * @throws IllegalStateException if the model is closed
     */
    public MaskedLMOutput forward(BertInput input) {
        return forward(List.of(input)).getFirst();
    }

    /**
     * As {@link #forward(BertInput)}, with the loss.
     *
     * @param labels [B, T]: the right word of every token, −100 for those that do not count
     */
    public MaskedLMOutput forward(BertInput input, int[][] labels) {
        MaskedLMOutput output = forward(input);
        Tensor loss = CrossEntropy.loss(output.logits(), labels);
        return new MaskedLMOutput(loss, output.logits(), output.hiddenStates(), output.attentions());
    }

    /**
     * Runs inputs of any lengths as one batch, without padding; the answers are to the last bit those of single calls.
     */
    public List<MaskedLMOutput> forward(List<BertInput> inputs) {
        ForwardPass pass = new ForwardPass(bert, inputs);
        int words = config().vocabSize();
        Batch.checkSize(pass.batch().tokens(), words);
        float[] rows = pass.rows(cls::forward);
        return pass.outputs(i -> new MaskedLMOutput(null, pass.tokens(rows, i, words), pass.hiddenStates(i),
                pass.attentions(i)));
    }

    /**
     * Scores the vocabulary for some tokens only, which spares the head the rest, and mostly the last layer, too (see
     * {@link BertModel#poolerOutput}): a word to fill in is one token of many.
     *
     * @param inputs inputs of any lengths
     * @param tokens for each input the tokens to score, counted through its texts: token t of text b is {@code b·T + t}
     * @return for each input the logits [tokens, V]
     */
    public List<Tensor> logitsAt(List<BertInput> inputs, List<int[]> tokens) {
        return new ForwardPass(bert, inputs).rowsAt(tokens, config().vocabSize(), (session, some) -> {
            try (Activation scores = cls.forward(session, some)) {
                return session.download(scores);
            }
        });
    }
}
