package dev.bert4j;

import java.util.List;

/**
 * What {@link BertForPreTraining} answers.
 *
 * @param loss the sum of the mean cross-entropies of both heads, a single value; null without labels for both
 * @param predictionLogits [B, T, V]
 * @param seqRelationshipLogits [B, 2]: the second text is the continuation of the first; it is not
 * @param hiddenStates the embedding output and then every layer's, each [B, T, H]; null if not asked for
 * @param attentions the attention probabilities of every layer, each [B, heads, T, T]; null if not asked for
 */
public record BertForPreTrainingOutput(Tensor loss, Tensor predictionLogits, Tensor seqRelationshipLogits,
        List<Tensor> hiddenStates, List<Tensor> attentions) {
    /** The fields that are there, in the reference's order. */
    public List<Object> toTuple() {
        return Tuples.present(loss, predictionLogits, seqRelationshipLogits, hiddenStates, attentions);
    }
}
