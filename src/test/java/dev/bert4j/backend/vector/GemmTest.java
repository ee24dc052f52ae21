package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Every kernel at every width, also those that this processor would not choose, to the last bit against a chain of
 * fused multiply-adds in scalars.
 */
class GemmTest {
    private static final int FIRST = 3;
    private static final float OUTSIDE = 17;

    private final Random random = new Random(5);

    @Test
    void kernelsForOneVectorAreTheChain() {
        for (Class<? extends Gemm> template : List.of(GemmSingle.class, GemmEight.class)) {
            for (int bits : Widths.BITS) {
                int lanes = bits / Float.SIZE;
                // All of a panel, and the first vector of two.
                for (int step : new int[] {lanes, 2 * lanes}) {
                    check(Width.define(template, Gemm.class, bits, step), template, lanes, step);
                }
            }
        }
    }

    @Test
    void kernelsForTwoVectorsAreTheChain() {
        for (int bits : Widths.BITS) {
            int lanes = 2 * bits / Float.SIZE;
            check(Width.define(GemmPair.class, Gemm.class, bits, lanes), GemmPair.class, lanes, lanes);
        }
    }

    @Test
    void kernelsForWeightsOfBf16AreTheChain() {
        for (int bits : Widths.BITS) {
            int lanes = bits / Float.SIZE;
            for (int step : new int[] {lanes, 2 * lanes}) {
                checkSizes(Width.define(Bf16GemmSingle.class, Gemm.class, bits, step), lanes, step, true, "bf16");
            }
            checkSizes(Width.define(Bf16GemmPair.class, Gemm.class, bits, 2 * lanes), 2 * lanes, 2 * lanes, true,
                    "bf16 pair");
        }
    }

    private void check(Gemm gemm, Class<?> template, int lanes, int step) {
        assertEquals(template == GemmEight.class ? 8 : template == GemmSingle.class ? 6 : lanes == 32 ? 6 : 4,
                gemm.tileRows());
        checkSizes(gemm, lanes, step, false, template.getSimpleName());
    }

    private void checkSizes(Gemm gemm, int lanes, int step, boolean halves, String name) {
        assertEquals(0, 24 % gemm.tileRows(), "Blocks are whole tiles.");
        for (int rows : new int[] {1, 2, 7, 8, 9, 24, 31}) {
            for (int depth : new int[] {1, 2, 3, 16, 77}) {
                check(gemm, rows, depth, lanes, step, halves, name + ", " + lanes + " lanes of " + step + ", " + rows
                        + " rows, depth " + depth);
            }
        }
    }

    private void check(Gemm gemm, int rows, int depth, int lanes, int step, boolean halves, String what) {
        // Rows lie apart, and nothing is aligned.
        int bytes = halves ? Short.BYTES : Float.BYTES;
        int rowStep = bytes * (depth + 2);
        float[] x = values(FIRST + depth * step);
        float[] y = values(FIRST + rows * step + FIRST);
        float[] expected = y.clone();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment w = arena.allocate(1 + (long) rows * rowStep);
            float[] weights = values(rows * rowStep / bytes);
            for (int i = 0; i < weights.length; i++) {
                if (halves) {
                    // Some rows of anything: no numbers, denormal ones, infinities.
                    int bits = i / (depth + 2) % 3 == 2 ? random.nextInt() : Float.floatToRawIntBits(weights[i]);
                    w.set(ValueLayout.JAVA_SHORT_UNALIGNED, 1 + 2L * i, (short) (bits >>> 16));
                    weights[i] = Float.intBitsToFloat(bits & 0xFFFF0000);
                } else {
                    w.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 1 + 4L * i, weights[i]);
                }
            }
            for (int row = 0; row < rows; row++) {
                for (int lane = 0; lane < lanes; lane++) {
                    int at = FIRST + row * step + lane;
                    for (int k = 0; k < depth; k++) {
                        expected[at] = Math.fma(weights[row * (depth + 2) + k], x[FIRST + k * step + lane],
                                expected[at]);
                    }
                }
            }
            y[y.length - 1] = OUTSIDE;
            expected[y.length - 1] = OUTSIDE;
            gemm.accumulate(w, 1, rowStep, rows, depth, x, FIRST, y, FIRST);
        }
        assertArrayEquals(expected, y, what);
        assertEquals(OUTSIDE, y[y.length - 1], what);
    }

    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }
}
