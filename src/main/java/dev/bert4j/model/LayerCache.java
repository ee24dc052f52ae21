package dev.bert4j.model;

import dev.bert4j.backend.KeyValues;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What a layer of a decoder keeps of some texts.
 *
 * @param self keys and values of the tokens seen, one entry a text
 * @param cross keys and values of the encoder's states, one entry a text; null where cross-attention was passed over
 */
public record LayerCache(List<KeyValues> self, List<KeyValues> cross) {
    /** The same of other texts. */
    public LayerCache map(UnaryOperator<List<KeyValues>> change) {
        return new LayerCache(List.copyOf(change.apply(self)), cross == null ? null : List.copyOf(change.apply(cross)));
    }
}
