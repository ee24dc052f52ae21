package dev.bert4j.backend.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** bf16 as safetensors stores it: little-endian, at any address. */
final class StoredBf16 {
    /** Two of them, the first in the low half. */
    static final ValueLayout.OfInt TWO = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort ONE =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private StoredBf16() {
    }

    /** The value of one. */
    static float one(MemorySegment w, long at) {
        return Float.intBitsToFloat(w.get(ONE, at) << Short.SIZE);
    }
}
