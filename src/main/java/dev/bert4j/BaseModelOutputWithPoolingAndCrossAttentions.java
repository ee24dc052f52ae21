package dev.bert4j;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What {@link BertModel} answers.
 *
 * @param lastHiddenState [B, T, H]
 * @param poolerOutput [B, H]; null for a model without a pooler
 * @param pastKeyValues what a decoder keeps for the next call; null for other models, without texts, or if not
 *     wanted
 * @param hiddenStates the embedding output and then every layer's, each [B, T, H]; null if not asked for
 * @param attentions the attention probabilities of every layer, each [B, heads, T, keys]; null if not asked for
 * @param crossAttentions those of every layer's cross-attention, each [B, heads, T, S]; null if not asked for, or if
 *     there were no encoder states
 */
public record BaseModelOutputWithPoolingAndCrossAttentions(Tensor lastHiddenState, Tensor poolerOutput,
        PastKeyValues pastKeyValues, List<Tensor> hiddenStates, List<Tensor> attentions,
        List<Tensor> crossAttentions) {
    /**
     * The sequence, the pooled output or null, and then the other fields that are there, as the reference orders them.
     */
    public List<Object> toTuple() {
        List<Object> tuple = new ArrayList<>();
        tuple.add(lastHiddenState);
        tuple.add(poolerOutput);
        tuple.addAll(Tuples.present(pastKeyValues, hiddenStates, attentions, crossAttentions));
        return Collections.unmodifiableList(tuple);
    }
}
