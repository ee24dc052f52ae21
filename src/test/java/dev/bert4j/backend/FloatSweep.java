package dev.bert4j.backend;

import java.util.function.Consumer;

/** Floats by their bits: every so many of all there are, and all of those around points where a function turns. */
public final class FloatSweep {
    /** How many floats are handed out at a time. */
    public static final int CHUNK = 1 << 12;
    /** A prime, so that the low bits vary. */
    private static final int STRIDE = 997;
    private static final int AROUND = 1024;
    /** Thresholds, borders of the pieces of a table, and the worst of all floats for the functions. */
    private static final float[] POINTS = {0, Float.MIN_VALUE, Float.MIN_NORMAL, 1e-10f, 1e-4f, 1.19866134e-4f,
            0.00776809594f, 0.0317313857f, 0.1f, 0.235073909f, 0.249855727f, 0.268212438f, 0.288956732f,
            0.322014868f, 0.34657359f, 0.42620456f, 0.482868701f, 0.5f, 0.6931472f, 0.707107f, 1, 1.05113804f,
            1.41710162f, 1.53846157f, 1.95202482f, 2, 2.31771183f, 2.64908338f, 2.75351048f, 2.95429873f,
            2.9553132f, 3.2373083f, 3.23871994f, 3.50609374f, 3.6f, 3.75916147f, 4, 4.23022747f, 4.4511342f,
            4.66376781f, 4.86899328f, 5, 6, 8, 9, 9.1f, 10, 10.1061039f, 11.5f, 12.9898329f, 13.1490698f, 14.3f,
            14.6f, 20, 53.9245834f, 59.9444313f, 70, 80, 87, 87.33654f, 87.8f, 88.72284f, 89, 91.8582993f, 104,
            120, 1e10f, 1.8446743e19f, Float.MAX_VALUE, Float.POSITIVE_INFINITY};

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
