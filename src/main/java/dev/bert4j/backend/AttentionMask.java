package dev.bert4j.backend;

/**
 * What is added to the attention scores of each text before the softmax.
 *
 * @param additive for each text null, where nothing is masked, or the values to add: {@code [keys]}, or
 *     {@code [queries, keys]} row by row
 * @param perQuery whether the values differ between the queries of a text
 */
public record AttentionMask(float[][] additive, boolean perQuery) {
    /** Masks nothing in {@code texts} texts. */
    public static AttentionMask none(int texts) {
        return new AttentionMask(new float[texts][], false);
    }

    /**
     * How many of the leading keys of a text can weigh anything. Masked keys at the end of a padded text get an exact
     * zero from the softmax as long as any key is not masked at all, so that leaving them out changes no bit.
     */
    public int visibleKeys(int text, int keys) {
        float[] values = additive[text];
        if (values == null || perQuery) {
            return keys;
        }
        int visible = keys;
        while (visible > 0 && values[visible - 1] == -Float.MAX_VALUE) {
            visible--;
        }
        for (int key = 0; key < visible; key++) {
            if (values[key] == 0) {
                return visible;
            }
        }
        return keys;
    }
}
