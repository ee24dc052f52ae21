package dev.bert4j;

/** How long encodings become by padding; named as in the reference. */
public enum PaddingStrategy {
    /** As long as they are. */
    DO_NOT_PAD,
    /** All as long as the longest of the call. */
    LONGEST,
    /** As long as {@code maxLength} says, or the model's limit. */
    MAX_LENGTH
}
