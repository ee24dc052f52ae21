package dev.bert4j.backend;

/**
 * Relative positions in the scores of attention: query l and key r of a text take row {@code (l − r) + positions − 1}
 * of a table.
 *
 * @param table {@code [2·positions − 1, headSize]}, shared by all heads
 * @param positions the longest text that the table serves
 * @param withKeys whether the row is multiplied with the key, too ({@code relative_key_query}), or with the query only
 */
public record RelativePositions(Parameter table, int positions, boolean withKeys) {
    /** The row for a query and a key of a text, by their positions. */
    public int row(int query, int key) {
        return query - key + positions - 1;
    }
}
