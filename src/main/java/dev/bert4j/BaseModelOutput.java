package dev.bert4j;

import java.util.List;

/**
 * What an encoder answers.
 *
 * @param lastHiddenState [B, T, H]
 * @param hiddenStates the embedding output and then every layer's, each [B, T, H]; null if not asked for
 * @param attentions the attention probabilities of every layer, each [B, heads, T, T]; null if not asked for
 * @param crossAttentions those of every layer's cross-attention, each [B, heads, T, S]; null if not asked for, or if
 *     there were no encoder states
 */
public record BaseModelOutput(Tensor lastHiddenState, List<Tensor> hiddenStates, List<Tensor> attentions,
        List<Tensor> crossAttentions) {
    /** The fields that are there, in the reference's order. */
    public List<Object> toTuple() {
        return Tuples.present(lastHiddenState, hiddenStates, attentions, crossAttentions);
    }
}
