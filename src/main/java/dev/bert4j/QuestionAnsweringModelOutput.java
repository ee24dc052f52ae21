package dev.bert4j;

import java.util.List;

/**
 * What {@link BertForQuestionAnswering} answers.
 *
 * @param loss the mean of the cross-entropies of starts and ends, a single value; null without both
 * @param startLogits [B, T]: the answer begins with this token
 * @param endLogits [B, T]: the answer ends with this token
 * @param hiddenStates the embedding output and then every layer's, each [B, T, H]; null if not asked for
 * @param attentions the attention probabilities of every layer, each [B, heads, T, T]; null if not asked for
 */
public record QuestionAnsweringModelOutput(Tensor loss, Tensor startLogits, Tensor endLogits, List<Tensor> hiddenStates,
        List<Tensor> attentions) {
    /** The fields that are there, in the reference's order. */
    public List<Object> toTuple() {
        return Tuples.present(loss, startLogits, endLogits, hiddenStates, attentions);
    }
}
