package dev.bert4j.backend;

import java.util.function.Consumer;

/** Floats by their bits: every so many of all there are, and all of those around points where a function turns. */
public final class FloatSweep {
    /** How many floats are handed out at a time. */
    public static final int CHUNK = 1 << 12;
    /** A prime, so that the low bits vary. */
    private static final int STRIDE = 997;
    private static final int AROUND = 1024;
    /** Thresholds, and the worst of all floats for tanh, gelu and exp. */
    private static final float[] POINTS = {0, Float.MIN_VALUE, Float.MIN_NORMAL, 1e-10f, 1e-4f, 0.00776717532f,
            0.0317313857f, 0.1f, 0.34657359f, 0.5f, 0.6931472f, 1, 2, 4, 8, 9, 9.1f, 10, 13, 13.1f, 14.2f, 14.3f,
            14.5f, 20,
            59.9444313f, 80, 87, 87.33654f, 88.72284f, 89, 104, 1e10f, 1.8446743e19f, Float.MAX_VALUE,
            Float.POSITIVE_INFINITY};

    private FloatSweep() {
    }

    /** Hands out the sweep in arrays of {@link #CHUNK}; {@code negative} leaves out what is above −0, but not NaN. */
    public static void run(boolean negative, Consumer<float[]> work) {
        float[] chunk = new float[CHUNK];
        int n = 0;
        for (long bits = negative ? 1L << 31 : 0; bits < 1L << 32; bits += STRIDE) {
            chunk[n++] = Float.intBitsToFloat((int) bits);
            if (n == CHUNK) {
                work.accept(chunk);
                n = 0;
            }
        }
        for (float point : POINTS) {
            for (int i = -AROUND; i < AROUND; i++) {
                int bits = Math.max(Float.floatToRawIntBits(point) + i, 0);
                chunk[2 * (i + AROUND)] = Float.intBitsToFloat(bits | Integer.MIN_VALUE);
                chunk[2 * (i + AROUND) + 1] = Float.intBitsToFloat(negative ? bits | Integer.MIN_VALUE : bits);
            }
            work.accept(chunk);
        }
    }
}
