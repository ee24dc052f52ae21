package dev.bert4j;

import dev.bert4j.hub.Hub;
import dev.bert4j.model.ParameterLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * BERT with a head that scores the choices of a question. Every choice is a text of its own, mostly a pair of the
 * question and the choice, and a question is an input whose texts are its choices.
 */
public final class BertForMultipleChoice extends ClassifierModel {
    private BertForMultipleChoice(Parts parts) {
        super(parts);
    }

    /** Opens the checkpoint of a folder; see {@link BertModel#fromPretrained(Path)}. */
    public static BertForMultipleChoice fromPretrained(Path folder) throws IOException {
        return fromPretrained(folder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(Path)}, with options; there is always a pooler. */
    public static BertForMultipleChoice fromPretrained(Path folder, LoadOptions options) throws IOException {
        return load(folder, options, "BertForMultipleChoice", true, BertForMultipleChoice::make);
    }

    /** Opens a folder, or a model of the hub by its name; see {@link BertModel#fromPretrained(String)}. */
    public static BertForMultipleChoice fromPretrained(String nameOrFolder) throws IOException {
        return fromPretrained(nameOrFolder, LoadOptions.defaults());
    }

    /** As {@link #fromPretrained(String)}, with options, which also say which hub and revision. */
    public static BertForMultipleChoice fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return fromPretrained(ModelFolders.resolve(nameOrFolder, options.hub(), Hub::model), options);
    }

    private static BertForMultipleChoice make(Loaded loaded, ParameterLoader loader) throws IOException {
        return new BertForMultipleChoice(Parts.load(loaded, loader, true, 1));
    }

    @Override
    public BertForMultipleChoice to(String device) {
        return (BertForMultipleChoice) super.to(device);
    }

    @Override
    public BertForMultipleChoice pruneHeads(Map<Integer, Set<Integer>> heads) {
        return (BertForMultipleChoice) super.pruneHeads(heads);
    }

    /**
     * Scores the choices of one question, which are texts of one length.
     *
     * @param input the choices [C, T]
     * @return logits [1, C]
     * @throws IllegalArgumentException if the input is none that the config allows
     * @throws IllegalStateException if the model is closed
     */
    public MultipleChoiceModelOutput forward(BertInput input) {
        return forward(List.of(input)).getFirst();
    }

    /**
     * Scores the choices of several questions, all of which have as many, in texts of one length.
     *
     * @param input the choices [B·C, T], question after question
     * @param numChoices C
     * @return logits [B, C]
     * @throws IllegalArgumentException if the texts are not so many choices for each of some questions, or the input is
     *     none that the config allows
     */
    public MultipleChoiceModelOutput forward(BertInput input, int numChoices) {
        ForwardPass pass = new ForwardPass(bert(), List.of(input));
        int texts = pass.batch().texts(0);
        if (numChoices < 1 || texts % numChoices != 0) {
            throw new IllegalArgumentException("numChoices is " + numChoices + ", but the input has " + texts
                    + " texts; their number must be a multiple of it.");
        }
        return outputs(pass, numChoices).getFirst();
    }

    /**
     * As {@link #forward(BertInput, int)}, with the loss.
     *
     * @param labels [B]: the right choice of every question, −100 for questions that do not count
     * @throws IllegalArgumentException also if the labels are not as many as questions, or no choice has such a number
     */
    public MultipleChoiceModelOutput forward(BertInput input, int numChoices, int[] labels) {
        MultipleChoiceModelOutput output = forward(input, numChoices);
        Tensor loss = CrossEntropy.loss(output.logits(), labels);
        return new MultipleChoiceModelOutput(loss, output.logits(), output.hiddenStates(), output.attentions());
    }

    /**
     * Runs questions as one batch, whose texts may differ in length and number from question to question; the answers
     * are to the last bit those of single calls.
     *
     * @param questions for each question its choices [C, T]
     * @return for each question its logits [1, C]
     * @throws IllegalArgumentException if a question has no choices, or is no input that the config allows
     */
    public List<MultipleChoiceModelOutput> forward(List<BertInput> questions) {
        ForwardPass pass = new ForwardPass(bert(), questions);
        for (int i = 0; i < questions.size(); i++) {
            if (pass.batch().texts(i) == 0) {
                throw new IllegalArgumentException("Question " + i + " has no choices; it must have at least one.");
            }
        }
        return outputs(pass, 0);
    }

    /** Answers with so many choices a row, or with all texts of an input in one if that is 0. */
    private List<MultipleChoiceModelOutput> outputs(ForwardPass pass, int numChoices) {
        float[] rows = pass.pooledRows(classifier()::forward);
        return pass.outputs(i -> {
            Tensor scores = pass.texts(rows, i, 1);
            int choices = numChoices == 0 ? scores.size(0) : numChoices;
            int questions = numChoices == 0 ? 1 : scores.size(0) / choices;
            return new MultipleChoiceModelOutput(null, Tensor.of(scores.data(), questions, choices),
                    pass.hiddenStates(i), pass.attentions(i));
        });
    }
}
