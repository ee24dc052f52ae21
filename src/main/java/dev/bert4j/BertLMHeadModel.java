package dev.bert4j;

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

/**
 * BERT as a language model: it scores the vocabulary for what follows every token, and writes on.
 *
 * <pre>{@code
 * try (BertLMHeadModel model = BertLMHeadModel.fromPretrained(folder)) {
 *     int[][] texts = model.generate(BertInput.of(101, 7592), GenerationOptions.greedy().withMaxNewTokens(10));
 * }
 * }</pre>
 */
public final class BertLMHeadModel extends PreTrainedModel {
    private final BertModel bert;
    private final BertOnlyMLMHead cls;

    private BertLMHeadModel(Loaded loaded, BertModel bert, BertOnlyMLMHead cls) {
        super(loaded);
        this.bert = add("bert", bert);
        this.cls = add("cls", cls);
    }

    /** Opens the checkpoint of a folder; see {@link BertModel#fromPretrained(Path)}. */
    public static BertLMHeadModel fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(Path)}, with options; there is never a pooler. */
    public static BertLMHeadModel fromPretrained(Path folder, LoadOptions options) throws IOException {
        BertLMHeadModel model = load(folder, options, "BertLMHeadModel", true, BertLMHeadModel::make);
        if (!model.config().isDecoder()) {
            System.getLogger(BertLMHeadModel.class.getPackageName()).log(Level.WARNING, "The config of {0} does not"
                    + " say is_decoder: in BertLMHeadModel, too, every token sees those behind it, and nothing is kept"
                    + " for later calls.", folder);
        }
        return model;
    }

    /** Opens a folder, or a model of the hub by its name; see {@link BertModel#fromPretrained(String)}. */
    public static BertLMHeadModel fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, with options, which also say which hub and revision. */
    public static BertLMHeadModel fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options.hub(), Hub::model), options);
    }

    private static BertLMHeadModel make(Loaded loaded, ParameterLoader loader) throws IOException {
        BertModel bert = BertModel.make(loaded, loader, loader.root().at("bert"), false, false);
        BertOnlyMLMHead cls = new BertOnlyMLMHead(loaded.runtime(), loaded.config(), loader.root().at("cls"),
                bert.embeddings());
        return new BertLMHeadModel(finish(loaded, loader, List.of("pooler")), bert, cls);
    }

    @Override
    public BertLMHeadModel to(String device) {
        return (BertLMHeadModel) super.to(device);
    }

    @Override
    public BertLMHeadModel pruneHeads(Map<Integer, Set<Integer>> heads) {
        return (BertLMHeadModel) super.pruneHeads(heads);
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
     * Scores, for every token of a batch of texts of one length, what may follow it.
     *
     * @throws IllegalArgumentException if the input is none that the config allows
     * @throws IllegalStateException if the model is closed
     */
    public CausalLMOutputWithCrossAttentions forward(BertInput input) {
        return forward(List.of(input)).getFirst();
    }

    /**
     * As {@link #forward(BertInput)}, with the loss; nothing is kept for a next call.
     *
     * @param labels [B, T]: the words themselves, −100 for those that do not count. The scores of a token are compared
     *     with the label of the next one, so that the first label never counts
     */
    public CausalLMOutputWithCrossAttentions forward(BertInput input, int[][] labels) {
        CausalLMOutputWithCrossAttentions output = forward(input.withUseCache(false));
        Tensor loss = CrossEntropy.nextTokenLoss(output.logits(), labels);
        return new CausalLMOutputWithCrossAttentions(loss, output.logits(), null, output.hiddenStates(),
                output.attentions(), output.crossAttentions());
    }

    /**
     * Runs inputs of any lengths as one batch, without padding; the answers are to the last bit those of single calls.
     */
    public List<CausalLMOutputWithCrossAttentions> forward(List<BertInput> inputs) {
        ForwardPass pass = new ForwardPass(bert, inputs, true);
        int words = config().vocabSize();
        Batch.checkSize(pass.batch().tokens(), words);
        float[] rows = pass.rows(cls::forward);
        return pass.outputs(i -> new CausalLMOutputWithCrossAttentions(null, pass.tokens(rows, i, words),
                pass.pastKeyValues(i), pass.hiddenStates(i), pass.attentions(i), pass.crossAttentions(i)));
    }

    /** The scores of what may follow the last token of an input, and what to go on with. */
    record Next(float[] logits, PastKeyValues pastKeyValues) {
    }

    /** For inputs of one text each, what may follow them: the head is spared all tokens but the last. */
    List<Next> next(List<BertInput> inputs) {
        ForwardPass pass = new ForwardPass(bert, inputs, true);
        int words = config().vocabSize();
        Batch.checkSize(inputs.size(), words);
        int[] last = new int[inputs.size()];
        for (int i = 0; i < last.length; i++) {
            last[i] = pass.batch().start(i) + pass.batch().length(i) - 1;
        }
        float[] rows = pass.rows(last, cls::forward);
        return pass.outputs(i -> new Next(pass.texts(rows, i, words).data(), pass.pastKeyValues(i)));
    }

    /**
     * Writes texts on, one token after the other, each chosen by the scores of the tokens before it.
     *
     * <p>A decoder keeps the keys and values of what it has seen, so that a step computes one token; other models, and
     * with {@code useCache} false, compute the whole text anew for every token. A text ends behind its first end token,
     * or where it has as many tokens as the options allow; texts of one call may so end up with different lengths, and
     * none is padded. What a text becomes does not depend on the others, but for its number when tokens are drawn.
     *
     * @param input prompts [B, T], with an attention mask [B, T] where they are padded on the left, and with the states
     *     of an encoder where there is cross-attention; new tokens have the type 0, are never masked, and positions
     *     that follow
     * @return for each text its prompt and what follows
     * @throws IllegalArgumentException if the input is none that the config allows, or has what cannot be gone on with
     *     (embeddings, position ids, types other than 0, masks for every query); or if texts could become longer than
     *     the model can read
     * @throws ArithmeticException if a score is infinite or not a number, as those of damaged weights are
     */
    public int[][] generate(BertInput input, GenerationOptions options) {
        return generate(List.of(input), options).getFirst();
    }

    /** As the other for inputs of any lengths as one batch, without padding. */
    public List<int[][]> generate(List<BertInput> inputs, GenerationOptions options) {
        return new Generation(this, inputs, options).run();
    }
}
