package dev.bert4j;

/** An end of a text. */
public enum Side {
    /** Its beginning. */
    LEFT,
    /** Its end. */
    RIGHT
}
