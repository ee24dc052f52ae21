package dev.bert4j.metrics;

import java.time.Duration;

/**
 * How long things took. What is recorded while the snapshot is made may be in some of its parts and not in others.
 *
 * @param count how many
 * @param total all of them together
 * @param p50 half of them took no longer; within 1/32 of it
 * @param p99 99 of 100 took no longer; within 1/32 of it
 * @param max the longest, exactly
 */
public record Durations(long count, Duration total, Duration p50, Duration p99, Duration max) {
}
