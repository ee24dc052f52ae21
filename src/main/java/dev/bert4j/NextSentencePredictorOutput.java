package dev.bert4j;

import java.util.List;

/**
 * What {@link BertForNextSentencePrediction} answers.
 *
 * @param loss the mean cross-entropy over the labels that are not −100, a single value; null without labels
 * @param logits [B, 2]: the second text is the continuation of the first; it is not
 * @param hiddenStates the embedding output and then every layer's, each [B, T, H]; null if not asked for
 * @param attentions the attention probabilities of every layer, each [B, heads, T, T]; null if not asked for
 */
public record NextSentencePredictorOutput(Tensor loss, Tensor logits, List<Tensor> hiddenStates,
        List<Tensor> attentions) {
    /** The fields that are there, in the reference's order. */
    public List<Object> toTuple() {
        return Tuples.present(loss, logits, hiddenStates, attentions);
    }
}
