package dev.bert4j;

import java.util.List;

/**
 * What {@link BertForMultipleChoice} answers.
 *
 * @param loss the mean cross-entropy over the labels that are not −100, a single value; null without labels
 * @param logits [B, C] for B questions of C choices each
 * @param hiddenStates the embedding output and then every layer's, each [B·C, T, H]; null if not asked for
 * @param attentions the attention probabilities of every layer, each [B·C, heads, T, T]; null if not asked for
 */
public record MultipleChoiceModelOutput(Tensor loss, Tensor logits, List<Tensor> hiddenStates,
        List<Tensor> attentions) {
    /** The fields that are there, in the reference's order. */
    public List<Object> toTuple() {
        return Tuples.present(loss, logits, hiddenStates, attentions);
    }
}
