package dev.bert4j;

import dev.bert4j.hub.Hub;
import dev.bert4j.model.Linear;
import dev.bert4j.model.ParameterLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * BERT with a head that scores every token as the first and as the last of an answer, for texts that are a question and
 * what the answer is looked for in.
 */
public final class BertForQuestionAnswering extends PreTrainedModel {
    private final BertModel bert;
    private final Linear qaOutputs;

    private BertForQuestionAnswering(Loaded loaded, BertModel bert, Linear qaOutputs) {
        super(loaded);
        this.bert = add("bert", bert);
        this.qaOutputs = add("qa_outputs", qaOutputs);
    }

    /** Opens the checkpoint of a folder; see {@link BertModel#fromPretrained(Path)}. */
    public static BertForQuestionAnswering fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(Path)}, with options; there is never a pooler. */
    public static BertForQuestionAnswering fromPretrained(Path folder, LoadOptions options) throws IOException {
        return load(folder, options, "BertForQuestionAnswering", true, BertForQuestionAnswering::make);
    }

    /** Opens a folder, or a model of the hub by its name; see {@link BertModel#fromPretrained(String)}. */
    public static BertForQuestionAnswering fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, with options, which also say which hub and revision. */
    public static BertForQuestionAnswering fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options.hub(), Hub::model), options);
    }

    private static BertForQuestionAnswering make(Loaded loaded, ParameterLoader loader) throws IOException {
        BertConfig config = loaded.config();
        if (config.numLabels() != 2) {
            throw new IllegalArgumentException(config.source() + ": the config has " + config.numLabels()
                    + " labels, but BertForQuestionAnswering must have 2, the start of an answer and its end.");
        }
        BertModel bert = BertModel.make(loaded, loader, loader.root().at("bert"), false, false);
        Linear qaOutputs = Linear.head(loader.root().at("qa_outputs"), config.hiddenSize(), 2);
        return new BertForQuestionAnswering(finish(loaded, loader, List.of("pooler")), bert, qaOutputs);
    }

    @Override
    public BertForQuestionAnswering to(String device) {
        return (BertForQuestionAnswering) super.to(device);
    }

    @Override
    public BertForQuestionAnswering pruneHeads(Map<Integer, Set<Integer>> heads) {
        return (BertForQuestionAnswering) super.pruneHeads(heads);
    }

    /** The model below the head. */
    public BertModel bert() {
        return bert;
    }

    /** What scores starts and ends, from the hidden states. */
    public Linear qaOutputs() {
        return qaOutputs;
    }

    /**
     * Scores every token of a batch of texts of one length as the start and as the end of the answer.
     *
     * @throws IllegalArgumentException if the input is none that the config allows
     * @throws IllegalStateException if the model is closed
     */
    public QuestionAnsweringModelOutput forward(BertInput input) {
        return forward(List.of(input)).getFirst();
    }

    /**
     * As {@link #forward(BertInput)}, with the loss if there are both starts and ends: the mean of their
     * cross-entropies. A position before the text counts as 0, and one behind it does not count.
     *
     * @param startPositions [B]: the token that the answer of each text begins with, or null
     * @param endPositions [B]: the token that the answer of each text ends with, or null
     * @throws IllegalArgumentException also if there are not as many as texts
     */
    public QuestionAnsweringModelOutput forward(BertInput input, int[] startPositions, int[] endPositions) {
        QuestionAnsweringModelOutput output = forward(input);
        double starts = loss(output.startLogits(), startPositions, "startPositions");
        double ends = loss(output.endLogits(), endPositions, "endPositions");
        Tensor loss = startPositions == null || endPositions == null ? null : CrossEntropy.scalar((starts + ends) / 2);
        return new QuestionAnsweringModelOutput(loss, output.startLogits(), output.endLogits(), output.hiddenStates(),
                output.attentions());
    }

    private static double loss(Tensor logits, int[] positions, String name) {
        if (positions == null) {
            return 0;
        }
        CrossEntropy.checkCount(logits, positions, name);
        int length = logits.size(1);
        int[] within = IntStream.of(positions).map(position -> Math.clamp(position, 0, length)).toArray();
        return CrossEntropy.mean(logits.data(), length, within, length);
    }

    /**
     * Runs inputs of any lengths as one batch, without padding; the answers are to the last bit those of single calls.
     */
    public List<QuestionAnsweringModelOutput> forward(List<BertInput> inputs) {
        ForwardPass pass = new ForwardPass(bert, inputs);
        float[] rows = pass.rows(qaOutputs::forward);
        float[] starts = column(rows, 0);
        float[] ends = column(rows, 1);
        return pass.outputs(i -> new QuestionAnsweringModelOutput(null, matrix(pass.tokens(starts, i, 1)),
                matrix(pass.tokens(ends, i, 1)), pass.hiddenStates(i), pass.attentions(i)));
    }

    /** One of the two scores of every token. */
    private static float[] column(float[] rows, int column) {
        float[] values = new float[rows.length / 2];
        for (int row = 0; row < values.length; row++) {
            values[row] = rows[2 * row + column];
        }
        return values;
    }

    /** [B, T] of [B, T, 1]. */
    private static Tensor matrix(Tensor x) {
        return Tensor.of(x.data(), x.size(0), x.size(1));
    }
}
