package dev.bert4j;

/**
 * A part of something that is counted from 0.
 *
 * @param start its first place
 * @param end the place behind its last
 */
public record Span(int start, int end) {
}
