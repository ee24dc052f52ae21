package dev.bert4j.pipeline;

/**
 * A labelled token, or group of tokens, of a text: {@code text.substring(start16, end16)}.
 *
 * @param entity the label of a token; null for a group
 * @param entityGroup the label of a group, without {@code B-} or {@code I-}; null for a single token
 * @param score the probability of the label; of a group the mean of its members
 * @param index the token's place in its window, [CLS] being 0; −1 for a group
 * @param word the token as the vocabulary writes it, or the tokens of the group put together
 * @param start first code point in the text, as Python counts
 * @param end end in the text (exclusive), in code points
 * @param start16 first UTF-16 unit in the text, as Java counts
 * @param end16 end in the text (exclusive), in UTF-16 units
 */
public record TokenEntity(String entity, String entityGroup, float score, int index, String word, int start, int end,
        int start16, int end16) {
    /** The label, of a token or of a group. */
    public String label() {
        return entity != null ? entity : entityGroup;
    }
}
