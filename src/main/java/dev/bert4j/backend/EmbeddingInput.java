package dev.bert4j.backend;

/**
 * What the embeddings of a batch are looked up by; every array has one entry for each token, already checked against
 * the tables.
 *
 * @param wordIds rows of the word table, or null when {@code wordVectors} takes their place
 * @param wordVectors {@code [tokens, features]} row by row, or null
 * @param typeIds rows of the type table
 * @param positionIds rows of the position table, or null where positions are not added
 */
public record EmbeddingInput(int[] wordIds, float[] wordVectors, int[] typeIds, int[] positionIds) {
    /** How many tokens there are. */
    public int tokens() {
        return typeIds.length;
    }
}
