package dev.bert4j;

import java.util.List;

/**
 * What a part of a layer that attends answers when it is called on its own.
 *
 * @param hiddenStates [B, T, H]
 * @param attentions the attention probabilities [B, heads, T, T]; null if not asked for
 */
public record AttentionOutput(Tensor hiddenStates, Tensor attentions) {
    /** The fields that are there, in the reference's order. */
    public List<Object> toTuple() {
        return Tuples.present(hiddenStates, attentions);
    }
}
