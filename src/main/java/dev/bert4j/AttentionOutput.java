package dev.bert4j;

import java.util.List;

/**
 * What a part of a layer that attends answers when it is called on its own.
 *
 * @param hiddenStates [B, T, H]
 * @param attentions the attention probabilities [B, heads, T, keys]; null if not asked for
 * @param crossAttentions those of a layer's cross-attention [B, heads, T, S]; null if not asked for or not there
 * @param pastKeyValue in a decoder the keys and values, each [B, heads, keys, head size], and then those of the
 *     cross-attention of a layer; else null
 */
public record AttentionOutput(Tensor hiddenStates, Tensor attentions, Tensor crossAttentions,
        List<Tensor> pastKeyValue) {
    /** The fields that are there, in the reference's order. */
    public List<Object> toTuple() {
        return Tuples.present(hiddenStates, attentions, crossAttentions, pastKeyValue);
    }
}
