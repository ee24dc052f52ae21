package dev.bert4j.backend;

import java.util.Collections;
import java.util.List;

/**
 * What is added to the attention scores of a text before the softmax.
 *
 * @param additive null, where no key is masked, or the values to add: {@code [keys]}, or {@code [queries, keys]} row by
 *     row
 * @param perQuery whether the values differ between the queries
 * @param causal whether the keys behind a query score the lowest finite float, whatever they are; the last query stands
 *     at the last key. Not together with {@code perQuery}
 */
public record AttentionMask(float[] additive, boolean perQuery, boolean causal) {
    /** Masks nothing. */
    public static final AttentionMask NONE = new AttentionMask(null, false, false);
    /** Masks the keys behind each query. */
    public static final AttentionMask CAUSAL = new AttentionMask(null, false, true);

    private static final float LOWEST = -Float.MAX_VALUE;

    /** Masks nothing in {@code texts} texts. */
    public static List<AttentionMask> none(int texts) {
        return Collections.nCopies(texts, NONE);
    }

    /**
     * The same for some of the queries only.
     *
     * @param queries those, ascending
     * @param keys of the text
     * @throws IllegalStateException if it is causal: that asks where a query stands among all
     */
    AttentionMask ofQueries(int[] queries, int keys) {
        if (causal) {
            throw new IllegalStateException("A causal mask is for all queries of a text.");
        }
        if (additive == null || !perQuery) {
            return this;
        }
        float[] rows = new float[queries.length * keys];
        for (int i = 0; i < queries.length; i++) {
            System.arraycopy(additive, queries[i] * keys, rows, i * keys, keys);
        }
        return new AttentionMask(rows, true, false);
    }

    /** The score of a key, {@code dot · scale} and what is added to it, for a query of so many queries and keys. */
    public float score(float dot, float scale, int query, int key, int queries, int keys) {
        if (causal && key > query + keys - queries) {
            return LOWEST;
        }
        return Math.fma(dot, scale, additive == null ? 0 : additive[perQuery ? query * keys + key : key]);
    }

    /**
     * How many of the leading keys of a text can weigh anything for queries up to one. Masked keys behind them get an
     * exact zero from the softmax as long as some key is not masked at all, so that leaving them out changes no bit.
     *
     * @param lastQuery the last of the queries
     */
    public int visibleKeys(int lastQuery, int queries, int keys) {
        if (causal) {
            // The first key is the only one that all queries see: where it is masked, some may see none.
            return additive != null && additive[0] != 0 ? keys : unmasked(keys - queries + lastQuery + 1);
        }
        int visible = additive == null || perQuery ? keys : unmasked(keys);
        return visible == keys || anyUnmasked(visible) ? visible : keys;
    }

    /** Keys of the first {@code visible} up to the last that is not entirely masked. */
    private int unmasked(int visible) {
        int last = visible;
        while (additive != null && last > 0 && additive[last - 1] == LOWEST) {
            last--;
        }
        return last;
    }

    private boolean anyUnmasked(int visible) {
        for (int key = 0; key < visible; key++) {
            if (additive[key] == 0) {
                return true;
            }
        }
        return false;
    }
}
