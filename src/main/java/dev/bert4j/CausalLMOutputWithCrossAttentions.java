package dev.bert4j;

import java.util.List;

/**
 * What {@link BertLMHeadModel} answers.
 *
 * @param loss the mean cross-entropy of each token's scores and the label of the next token, over the labels that are
 *     not −100, a single value; null without labels
 * @param logits [B, T, V]
 * @param pastKeyValues what a decoder keeps for the next call; null for other models, with labels, or if not wanted
 * @param hiddenStates the embedding output and then every layer's, each [B, T, H]; null if not asked for
 * @param attentions the attention probabilities of every layer, each [B, heads, T, keys]; null if not asked for
 * @param crossAttentions those of every layer's cross-attention, each [B, heads, T, S]; null if not asked for, or if
 *     there were no encoder states
 */
public record CausalLMOutputWithCrossAttentions(Tensor loss, Tensor logits, PastKeyValues pastKeyValues,
        List<Tensor> hiddenStates, List<Tensor> attentions, List<Tensor> crossAttentions) {
    /** The fields that are there, in the reference's order. */
    public List<Object> toTuple() {
        return Tuples.present(loss, logits, pastKeyValues, hiddenStates, attentions, crossAttentions);
    }
}
