package dev.bert4j;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What {@link BertModel} answers.
 *
 * @param lastHiddenState [B, T, H]
 * @param poolerOutput [B, H]; null for a model without a pooler
 * @param hiddenStates the embedding output and then every layer's, each [B, T, H]; null if not asked for
 * @param attentions the attention probabilities of every layer, each [B, heads, T, T]; null if not asked for
 */
public record BaseModelOutputWithPooling(Tensor lastHiddenState, Tensor poolerOutput, List<Tensor> hiddenStates,
        List<Tensor> attentions) {
    /**
     * The sequence, the pooled output or null, and then the other fields that are there, as the reference orders them.
     */
    public List<Object> toTuple() {
        List<Object> tuple = new ArrayList<>();
        tuple.add(lastHiddenState);
        tuple.add(poolerOutput);
        if (hiddenStates != null) {
            tuple.add(hiddenStates);
        }
        if (attentions != null) {
            tuple.add(attentions);
        }
        return Collections.unmodifiableList(tuple);
    }
}
