package dev.bert4j;

/** Which text loses tokens when there are too many; named as in the reference. */
public enum TruncationStrategy {
    /** None: texts may have any length. */
    DO_NOT_TRUNCATE,
    /** The longer one of two, until both are as long; then both. */
    LONGEST_FIRST,
    /** The first. */
    ONLY_FIRST,
    /** The second. */
    ONLY_SECOND
}
