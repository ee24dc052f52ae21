package dev.bert4j.backend;

/**
 * The keys and values of one text in one layer, which later calls attend to. Immutable: {@link Session#append} makes a
 * longer one that shares what is there. Thread-safe; it outlives sessions and needs no closing.
 */
public interface KeyValues {
    /** Tokens. */
    int length();

    /** Values of each key, and of each value. */
    int features();

    /** A copy of the keys, {@code [length, features]} row by row. */
    float[] keys();

    /** A copy of the values, {@code [length, features]} row by row. */
    float[] values();

    /**
     * Says that nobody will ask for them again, so that memory of a device is free at once instead of when the garbage
     * collector finds out. Those that were made of them stay.
     */
    default void release() {
    }
}
