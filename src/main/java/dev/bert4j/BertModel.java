package dev.bert4j;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Session;
import dev.bert4j.hub.Hub;
import dev.bert4j.model.Batch;
import dev.bert4j.model.BertEmbeddings;
import dev.bert4j.model.BertEncoder;
import dev.bert4j.model.BertPooler;
import dev.bert4j.model.DecoderState;
import dev.bert4j.model.ParameterLoader;
import dev.bert4j.model.ParameterScope;
import dev.bert4j.model.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The bare BERT: embeddings, encoder and, unless it was left out, pooler.
 *
 * <pre>{@code
 * try (BertModel model = BertModel.fromPretrained(Path.of("bert-base-uncased"))) {
 *     var output = model.forward(BertInput.of(101, 7592, 2088, 102));
 *     Tensor hidden = output.lastHiddenState();  // [1, 4, 768]
 * }
 * }</pre>
 */
public final class BertModel extends PreTrainedModel {
    private final BertEmbeddings embeddings;
    private final BertEncoder encoder;
    private final BertPooler pooler;

    private BertModel(Loaded loaded, BertEmbeddings embeddings, BertEncoder encoder, BertPooler pooler) {
        super(loaded);
        this.embeddings = add("embeddings", embeddings);
        this.encoder = add("encoder", encoder);
        this.pooler = add("pooler", pooler);
    }

    /**
     * Opens the checkpoint of a folder with {@code config.json} and {@code model.safetensors} (or its shards). Weights
     * are mapped, not read.
     *
     * @throws IOException if a file is missing, damaged, or lacks a tensor
     * @throws IllegalArgumentException if the config is none of a BERT, or a tensor does not fit it
     */
    public static BertModel fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(Path)}, with options. */
    public static BertModel fromPretrained(Path folder, LoadOptions options) throws IOException {
        return load(folder, options, "BertModel", false, (loaded, loader) -> make(loaded, loader, loader.root(),
                options.addPoolingLayer(), true));
    }

    /**
     * Opens a folder as {@link #fromPretrained(Path)} does, or, where there is none of that name, the model of that
     * name at the hub, whose files go into the cache that Python's library uses, too.
     *
     * @param nameOrFolder a folder, or {@code name} or {@code org/name}
     * @throws IOException also if the model cannot be fetched; a {@link dev.bert4j.hub.HubException} says why
     * @throws IllegalArgumentException also if it is neither a folder that is there nor a name
     */
    public static BertModel fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, with options, which also say which hub and revision. */
    public static BertModel fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options.hub(), Hub::model), options);
    }

    /**
     * Makes the model at a place of the tree: the whole of it, or the base of a head model, which ends loading itself.
     */
    static BertModel make(Loaded loaded, ParameterLoader loader, ParameterScope scope, boolean addPoolingLayer,
            boolean whole) throws IOException {
        BertConfig config = loaded.config();
        var embeddings = new BertEmbeddings(loaded.runtime(), config, scope.at("embeddings"));
        var encoder = new BertEncoder(loaded.runtime(), config, scope.at("encoder"));
        var pooler = addPoolingLayer ? new BertPooler(loaded.runtime(), config, scope.at("pooler")) : null;
        return new BertModel(whole ? finish(loaded, loader, List.of()) : loaded, embeddings, encoder, pooler);
    }

    @Override
    public BertModel to(String device) {
        return (BertModel) super.to(device);
    }

    @Override
    public BertModel pruneHeads(Map<Integer, Set<Integer>> heads) {
        return (BertModel) super.pruneHeads(heads);
    }

    /** The embeddings. */
    public BertEmbeddings embeddings() {
        return embeddings;
    }

    /** The encoder. */
    public BertEncoder encoder() {
        return encoder;
    }

    /** The pooler, or null for a model without. */
    public BertPooler pooler() {
        return pooler;
    }

    /**
     * Runs a batch of texts of one length.
     *
     * @throws IllegalArgumentException if the input is none that the config allows
     * @throws IllegalStateException if the model is closed
     */
    public BaseModelOutputWithPoolingAndCrossAttentions forward(BertInput input) {
        return forward(List.of(input)).getFirst();
    }

    /**
     * Runs inputs of any lengths as one batch, without padding; the answers are to the last bit those of single calls.
     */
    public List<BaseModelOutputWithPoolingAndCrossAttentions> forward(List<BertInput> inputs) {
        ForwardPass pass = new ForwardPass(this, inputs, true);
        int features = config().hiddenSize();
        float[][] rows = pass.run((session, last) -> {
            float[] pooled = pooler == null ? null : pool(session, last, pass.batch().firstTokens());
            return new float[][] {session.download(last), pooled};
        });
        return pass.outputs(i -> new BaseModelOutputWithPoolingAndCrossAttentions(pass.tokens(rows[0], i, features),
                rows[1] == null ? null : pass.texts(rows[1], i, features), pass.pastKeyValues(i), pass.hiddenStates(i),
                pass.attentions(i), pass.crossAttentions(i)));
    }

    /**
     * The pooled values of inputs of any lengths as one batch, to the last bit those that {@link #forward(List)} gives,
     * for who needs no more. Of the last layer only keys and values are computed for all tokens, and the rest for the
     * first of each text; but all of it where hooks look at the layer or the encoder, where an input asks for hidden
     * states or attentions, with relative positions, and in a decoder.
     *
     * @return for each input [B, H]
     * @throws IllegalArgumentException if an input is none that the config allows
     * @throws IllegalStateException if the model has no pooler, or is closed
     */
    public List<Tensor> poolerOutput(List<BertInput> inputs) {
        if (pooler == null) {
            throw new IllegalStateException("The model has no pooler: it was opened without its pooling layer.");
        }
        ForwardPass pass = new ForwardPass(this, inputs);
        float[] rows = pass.pooled((session, pooled) -> session.download(pooled));
        return pass.outputs(i -> pass.texts(rows, i, config().hiddenSize()));
    }

    /**
     * The last hidden states of some tokens of inputs of any lengths as one batch, to the last bit those that
     * {@link #forward(List)} gives. What is spared is what {@link #poolerOutput} spares.
     *
     * @param tokens for each input those wanted, in any order, counted through its texts: token t of text b is
     *     {@code b·T + t}
     * @return for each input [tokens, H], the tokens in the order given
     * @throws IllegalArgumentException if an input is none that the config allows, or {@code tokens} has not an entry
     *     for each
     * @throws IndexOutOfBoundsException if an input has no such token
     * @throws IllegalStateException if the model is closed
     */
    public List<Tensor> lastHiddenStateAt(List<BertInput> inputs, List<int[]> tokens) {
        return new ForwardPass(this, inputs).rowsAt(tokens, config().hiddenSize(), Session::download);
    }

    /** The last hidden states of a batch, or of some of its tokens, on the backend; see {@link BertEncoder#forward}. */
    Activation encode(Session session, Batch batch, AttentionSpec spec, Trace trace, DecoderState decoder,
            int[] tokens) {
        Tensor headMask = batch.headMask();
        try (Activation x = embeddings.forward(session, batch.embeddingInput(0))) {
            return encoder.forward(session, x, spec, headMask, trace, decoder, tokens);
        }
    }

    private float[] pool(Session session, Activation last, int[] firstTokens) {
        try (Activation pooled = pooler.forward(session, last, firstTokens)) {
            return session.download(pooled);
        }
    }
}
