package dev.bert4j;

import java.util.List;

/**
 * What {@link BertForSequenceClassification} answers.
 *
 * @param loss what the problem type or the labels ask for, a single value; null without labels
 * @param logits [B, numLabels]
 * @param hiddenStates the embedding output and then every layer's, each [B, T, H]; null if not asked for
 * @param attentions the attention probabilities of every layer, each [B, heads, T, T]; null if not asked for
 */
public record SequenceClassifierOutput(Tensor loss, Tensor logits, List<Tensor> hiddenStates, List<Tensor> attentions) {
    /** The fields that are there, in the reference's order. */
    public List<Object> toTuple() {
        return Tuples.present(loss, logits, hiddenStates, attentions);
    }
}
