package dev.bert4j;

import java.util.List;

/**
 * What a part of a layer that attends answers when it is called on its own.
 *
 * @param hiddenStates [B, T, H]
 * @param attentions the attention probabilities [B, heads, T, keys]; null if not asked for
 * @param pastKeyValue in a decoder the keys and values, each [B, heads, keys, head size]; else null
 */
public record AttentionOutput(Tensor hiddenStates, Tensor attentions, List<Tensor> pastKeyValue) {
    /** The fields that are there, in the reference's order. */
    public List<Object> toTuple() {
        return Tuples.present(hiddenStates, attentions, pastKeyValue);
    }
}
