package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;

/** Equality of results to the last bit. */
public final class Bits {
    private Bits() {
    }

    /** Demands the same shape and the same bits. */
    public static void assertSame(Tensor expected, Tensor actual, String what) {
        assertEquals(Arrays.toString(expected.shape()), Arrays.toString(actual.shape()), what);
        for (int i = 0; i < expected.data().length; i++) {
            if (Float.floatToIntBits(expected.data()[i]) != Float.floatToIntBits(actual.data()[i])) {
                fail(what + ": [" + i + "] is " + actual.data()[i] + " instead of " + expected.data()[i]);
            }
        }
    }

    /** Demands the same shape, and values that differ by at most {@code tolerance} of 1 + |value|. */
    public static void assertClose(Tensor expected, Tensor actual, double tolerance, String what) {
        assertEquals(Arrays.toString(expected.shape()), Arrays.toString(actual.shape()), what);
        for (int i = 0; i < expected.data().length; i++) {
            float value = expected.data()[i];
            assertEquals(value, actual.data()[i], tolerance * (1 + Math.abs(value)), what + ": [" + i + "]");
        }
    }

    /** A number that differs, but for a chance of one in four billion, when any bit does. */
    public static String hash(Tensor tensor) {
        return Integer.toHexString(Arrays.hashCode(tensor.data()));
    }
}
