package dev.bert4j.backend;

/**
 * The lookup tables of BERT's embeddings.
 *
 * @param word {@code [vocabulary, features]}
 * @param type {@code [type vocabulary, features]}
 * @param position {@code [positions, features]}, or null where positions are not added
 * @param features values of each row
 */
public record EmbeddingTables(Parameter word, Parameter type, Parameter position, int features) {
}
