package dev.bert4j.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Values on the Java heap, for Java and for C.
 *
 * @param values the array
 * @param segment the same array as C is handed it; made once, for an object with each call would be garbage
 */
public record Floats(float[] values, MemorySegment segment) {
    /** fp32 as safetensors stores it: little-endian, at any address. */
    public static final ValueLayout.OfFloat STORED =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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
