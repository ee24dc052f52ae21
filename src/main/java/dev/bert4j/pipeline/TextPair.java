package dev.bert4j.pipeline;

/**
 * Two texts that a model sees as one input.
 *
 * @param text the first
 * @param textPair the second; null or empty for none, where the task allows it
 */
public record TextPair(String text, String textPair) {
}
