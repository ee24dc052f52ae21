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

    private void check(Gemm gemm, Class<?> template, int lanes, int step) {
        assertEquals(0, 24 % gemm.tileRows(), "Blocks are whole tiles.");
        assertEquals(template == GemmEight.class ? 8 : template == GemmSingle.class ? 6 : lanes == 32 ? 6 : 4,
                gemm.tileRows());
        for (int rows : new int[] {1, 2, 7, 8, 9, 24, 31}) {
            for (int depth : new int[] {1, 2, 3, 16, 77}) {
                check(gemm, rows, depth, lanes, step, template.getSimpleName() + ", " + lanes + " lanes of " + step
                        + ", " + rows + " rows, depth " + depth);
            }
        }
    }

    private void check(Gemm gemm, int rows, int depth, int lanes, int step, String what) {
        // Rows lie apart, and nothing is aligned.
        int rowStep = Float.BYTES * (depth + 2);
        float[] x = values(FIRST + depth * step);
        float[] y = values(FIRST + rows * step + FIRST);
        float[] expected = y.clone();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment w = arena.allocate(1 + (long) rows * rowStep);
            for (int i = 0; i < rows * rowStep / Float.BYTES; i++) {
                w.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 1 + 4L * i, random.nextFloat() - 0.5f);
            }
            for (int row = 0; row < rows; row++) {
                for (int lane = 0; lane < lanes; lane++) {
                    int at = FIRST + row * step + lane;
                    for (int k = 0; k < depth; k++) {
                        expected[at] = Math.fma(w.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 1 + (long) row * rowStep
                                + 4L * k), x[FIRST + k * step + lane], expected[at]);
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
