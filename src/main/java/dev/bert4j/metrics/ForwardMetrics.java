package dev.bert4j.metrics;

/**
 * The forward passes of a model since it was opened.
 *
 * @param texts rows that went through
 * @param tokens tokens that were computed, without padding that no module needs
 * @param failures passes that ended with an exception after their input was found right
 * @param passes how many succeeded, and how long they took, from the input's check to the last value on the host
 */
public record ForwardMetrics(long texts, long tokens, long failures, Durations passes) {
}
