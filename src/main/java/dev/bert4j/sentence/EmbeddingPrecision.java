package dev.bert4j.sentence;

/** What the values of a vector are stored as, by the names of sentence-transformers. */
public enum EmbeddingPrecision {
    /** A signed byte a value: where it lies between the least and the greatest of its dimension, −128 to 127. */
    INT8,
    /** The same, 0 to 255; in Java's bytes, 128 and more are negative. */
    UINT8,
    /** A bit a value, set if it is above 0, the first the highest of its byte; 128 is taken off every byte. */
    BINARY,
    /** The same without that. */
    UBINARY;

    /** Whether there is a bit for each value, and not a byte. */
    public boolean isBinary() {
        return this == BINARY || this == UBINARY;
    }

    /** Bytes of a vector of {@code values} values. */
    public int bytes(int values) {
        return isBinary() ? Math.ceilDiv(values, Byte.SIZE) : values;
    }
}
