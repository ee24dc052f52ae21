package dev.bert4j.backend.cpu;

import java.lang.foreign.MemorySegment;

/**
 * Values on the Java heap, for Java and for C.
 *
 * @param values the array
 * @param segment the same array as C is handed it; made once, for an object with each call would be garbage
 */
public record Floats(float[] values, MemorySegment segment) {
    /** Takes an array. */
    public Floats(float[] values) {
        this(values, MemorySegment.ofArray(values));
    }

    /** Room for so many values. */
    public Floats(int count) {
        this(new float[count]);
    }

    /** The same or null, for something that may be missing. */
    public static MemorySegment segmentOrNull(Floats floats) {
        return floats == null ? null : floats.segment;
    }

    /** How many values there are. */
    public int length() {
        return values.length;
    }
}
