package dev.bert4j.backend.nativecpu;

import java.lang.foreign.MemorySegment;
import java.util.Random;

/**
 * Whether kernels compute on this processor what those in plain C do: some were written for instructions that are
 * seldom at hand, and a wrong number is worse than none.
 */
final class SelfCheck {
    private static final int ROWS = 37;
    private static final int DEPTH = 100;
    /** More than a block of them. */
    private static final int KEYS = 150;
    private static final int[] LANES = {8, 16, 32};

    private final Random random = new Random(7);
    private final NativeKernels kernels;
    private final NativeKernels portable;

    private SelfCheck(NativeKernels kernels, NativeKernels portable) {
        this.kernels = kernels;
        this.portable = portable;
    }

    /** Throws an IllegalStateException, whose message is a clause, where one differs. */
    static void run(NativeKernels kernels, NativeKernels portable) {
        SelfCheck check = new SelfCheck(kernels, portable);
        for (int lanes : LANES) {
            check.f32(lanes);
            check.attention(lanes);
            check.s8(lanes);
            check.bf16(lanes);
        }
    }

    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private void f32(int lanes) {
        MemorySegment w = MemorySegment.ofArray(values(ROWS * DEPTH));
        MemorySegment x = MemorySegment.ofArray(values(DEPTH * lanes));
        float[] expected = new float[ROWS * lanes];
        float[] found = new float[ROWS * lanes];
        portable.gemmF32(w, 4L * DEPTH, ROWS, DEPTH, x, lanes, lanes, MemorySegment.ofArray(expected));
        kernels.gemmF32(w, 4L * DEPTH, ROWS, DEPTH, x, lanes, lanes, MemorySegment.ofArray(found));
        compare(expected, found, 0, "fp32");
    }

    private void attention(int lanes) {
        int size = ROWS;
        MemorySegment q = MemorySegment.ofArray(values(size * lanes));
        MemorySegment k = MemorySegment.ofArray(values((KEYS / lanes + 2) * size * lanes));
        MemorySegment v = MemorySegment.ofArray(values((KEYS / lanes + 2) * size * lanes));
        MemorySegment mask = MemorySegment.ofArray(values(KEYS));
        float[] expected = new float[size * lanes];
        float[] found = new float[size * lanes];
        portable.attention(q, lanes, lanes, k, v, (long) size * lanes, lanes, 3, KEYS, size, 1f / 6, mask, 1,
                MemorySegment.ofArray(expected));
        kernels.attention(q, lanes, lanes, k, v, (long) size * lanes, lanes, 3, KEYS, size, 1f / 6, mask, 1,
                MemorySegment.ofArray(found));
        compare(expected, found, 0, "attention");
    }

    private void s8(int lanes) {
        byte[] bytes = new byte[ROWS * DEPTH];
        random.nextBytes(bytes);
        MemorySegment w = MemorySegment.ofArray(bytes);
        MemorySegment scales = MemorySegment.ofArray(values(ROWS));
        MemorySegment x = MemorySegment.ofArray(values(DEPTH * lanes));
        compare(s8(portable, w, scales, x, lanes), s8(kernels, w, scales, x, lanes), 0, "int8");
    }

    private static float[] s8(NativeKernels with, MemorySegment w, MemorySegment scales, MemorySegment x, int lanes) {
        MemorySegment packed = MemorySegment.ofArray(new byte[(int) NativeKernels.packedBytes(DEPTH, lanes, true)]);
        MemorySegment xScales = MemorySegment.ofArray(new float[lanes]);
        float[] y = new float[ROWS * lanes];
        with.packS8(x, DEPTH, lanes, packed, xScales);
        with.gemmS8(w, DEPTH, ROWS, DEPTH, scales, MemorySegment.ofArray(with.sumsS8(w, DEPTH, ROWS, DEPTH)), packed,
                xScales, lanes, lanes, MemorySegment.ofArray(y));
        return y;
    }

    /** Sums of two hundred roundings to 24 bits, the instructions' own order aside. */
    private void bf16(int lanes) {
        short[] halves = new short[ROWS * DEPTH];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = (short) (Float.floatToIntBits((float) random.nextGaussian()) >> 16);
        }
        MemorySegment w = MemorySegment.ofArray(halves);
        MemorySegment x = MemorySegment.ofArray(values(DEPTH * lanes));
        compare(bf16(portable, w, x, lanes), bf16(kernels, w, x, lanes), 1e-4f, "bf16");
    }

    private static float[] bf16(NativeKernels with, MemorySegment w, MemorySegment x, int lanes) {
        MemorySegment packed = MemorySegment.ofArray(new byte[(int) NativeKernels.packedBytes(DEPTH, lanes, false)]);
        float[] y = new float[ROWS * lanes];
        with.packBf16(x, DEPTH, lanes, packed);
        with.gemmBf16(w, 2L * DEPTH, ROWS, DEPTH, packed, lanes, lanes, MemorySegment.ofArray(y));
        return y;
    }

    private void compare(float[] expected, float[] found, float tolerance, String what) {
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - found[i]) <= tolerance * (1 + Math.abs(expected[i])))) {
                throw new IllegalStateException("the C kernels (" + kernels + ") compute " + found[i] + " instead of "
                        + expected[i] + " in " + what + " on this processor.");
            }
        }
    }
}
