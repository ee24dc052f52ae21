package dev.bert4j.pipeline;

/**
 * A question and the text that it is answered from.
 *
 * @param question the question, not empty
 * @param context the text, not empty
 */
public record Question(String question, String context) {
}
