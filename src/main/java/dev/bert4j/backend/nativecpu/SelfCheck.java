package dev.bert4j.backend.nativecpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/**
 * Whether kernels compute on this processor what those in plain C do: some were written for instructions that are
 * seldom at hand, and a wrong number is worse than none. Throws an IllegalStateException, whose message is a clause,
 * where one differs.
 */
final class SelfCheck {
    /** Enough for the largest tiles, and not a multiple of any. */
    private static final int ROWS = 101;
    private static final int DEPTH = 100;
    /** More than a block of them. */
    private static final int KEYS = 150;
    private static final int[] LANES = {8, 16, 24, 32};

    private final Random random = new Random(7);
    private final String name;

    private SelfCheck(String name) {
        this.name = name;
    }

    static void run(FloatKernels kernels, FloatKernels portable) {
        SelfCheck check = new SelfCheck(kernels.name());
        for (int lanes : LANES) {
            check.gemm(kernels, portable, lanes);
            check.attention(kernels, portable, lanes);
            check.pointwise(kernels, portable, lanes);
        }
        check.widen(kernels, portable);
        for (FloatKernels.Stored stored : FloatKernels.Stored.values()) {
            if (kernels.mostTokensOfStored(stored) > 0) {
                check.gemm(kernels, portable, stored);
            }
        }
    }

    static void run(ByteKernels kernels, ByteKernels portable) {
        SelfCheck check = new SelfCheck(kernels.name());
        for (int lanes : LANES) {
            byte[] bytes = new byte[ROWS * DEPTH];
            check.random.nextBytes(bytes);
            MemorySegment w = MemorySegment.ofArray(bytes);
            MemorySegment scales = check.values(ROWS);
            MemorySegment x = check.values(DEPTH * lanes);
            check.compare(product(portable, w, scales, x, lanes), product(kernels, w, scales, x, lanes), 0, "int8");
        }
    }

    /** Sums of two hundred roundings to 24 bits, the instructions' own order aside. */
    static void run(HalfKernels kernels, HalfKernels portable) {
        SelfCheck check = new SelfCheck(kernels.name());
        for (int lanes : LANES) {
            short[] halves = new short[ROWS * DEPTH];
            for (int i = 0; i < halves.length; i++) {
                halves[i] = (short) (Float.floatToIntBits(check.random.nextFloat() * 4 - 2) >> 16);
            }
            MemorySegment w = MemorySegment.ofArray(halves);
            MemorySegment x = check.values(DEPTH * lanes);
            check.compare(product(portable, w, x, lanes), product(kernels, w, x, lanes), 1e-4f, "bf16");
        }
    }

    /** As bf16, with numbers that have a rest. */
    static void run(SplitKernels kernels, SplitKernels portable) {
        SelfCheck check = new SelfCheck(kernels.name());
        for (int lanes : LANES) {
            MemorySegment w = check.values(ROWS * DEPTH);
            MemorySegment x = check.values(DEPTH * lanes);
            check.compare(product(portable, w, x, lanes), product(kernels, w, x, lanes), 1e-4f, "bf16x3");
        }
    }

    /** Sums of another order make scores that are a little different, and some weights one part in 256. */
    static void run(String name, HalfAttention kernels, HalfAttention portable) {
        SelfCheck check = new SelfCheck(name);
        for (int lanes : LANES) {
            MemorySegment q = check.values(ROWS * lanes);
            MemorySegment k = check.values((KEYS / lanes + 2) * ROWS * lanes);
            MemorySegment v = check.values((KEYS / lanes + 2) * ROWS * lanes);
            MemorySegment mask = check.values(KEYS);
            check.compare(attention(portable, q, k, v, mask, lanes), attention(kernels, q, k, v, mask, lanes), 1e-2f,
                    "attention in bf16");
        }
    }

    private MemorySegment values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() * 4 - 2;
        }
        return MemorySegment.ofArray(values);
    }

    private void gemm(FloatKernels kernels, FloatKernels portable, int lanes) {
        // Weights lie at any address, and not all lanes may be wanted.
        byte[] bytes = new byte[4 * ROWS * DEPTH + 1];
        MemorySegment w = MemorySegment.ofArray(bytes);
        w.asSlice(1).copyFrom(values(ROWS * DEPTH));
        MemorySegment x = values(DEPTH * lanes);
        for (int used : new int[] {lanes, lanes - 3, 1}) {
            float[] expected = new float[ROWS * lanes];
            float[] found = new float[ROWS * lanes];
            portable.gemm(w, 1, 4L * DEPTH, ROWS, DEPTH, x, 0, lanes, used, MemorySegment.ofArray(expected), 0);
            kernels.gemm(w, 1, 4L * DEPTH, ROWS, DEPTH, x, 0, lanes, used, MemorySegment.ofArray(found), 0);
            for (int i = 0; i < expected.length; i++) {
                expected[i] = i % lanes < used ? expected[i] : found[i];
            }
            compare(expected, found, 0, "products");
        }
    }

    /** Of weights as they are stored, against widening and then multiplying them. */
    private void gemm(FloatKernels kernels, FloatKernels portable, FloatKernels.Stored stored) {
        gemm(kernels, portable, stored, DEPTH, values(DEPTH));
        gemm(kernels, portable, stored, DEPTH - 1, null);
    }

    private void gemm(FloatKernels kernels, FloatKernels portable, FloatKernels.Stored stored, int depth,
            MemorySegment columns) {
        short[] halves = new short[ROWS * depth];
        for (int i = 0; i < halves.length; i++) {
            float value = random.nextFloat() * 4 - 2;
            halves[i] = stored == FloatKernels.Stored.F16 ? Float.floatToFloat16(value)
                    : (short) (Float.floatToIntBits(value) >> 16);
        }
        MemorySegment w = MemorySegment.ofArray(halves);
        MemorySegment scales = values(ROWS);
        MemorySegment wide = MemorySegment.ofArray(new float[ROWS * depth]);
        portable.widen(w, 0, stored, ROWS, depth, scales, 0, columns, wide, 0);
        for (int lanes : LANES) {
            MemorySegment x = values(depth * lanes);
            float[] expected = new float[ROWS * lanes];
            float[] found = new float[ROWS * lanes];
            portable.gemm(wide, 0, 4L * depth, ROWS, depth, x, 0, lanes, lanes, MemorySegment.ofArray(expected), 0);
            kernels.gemmOfStored(w, 0, stored, ROWS, depth, scales, 0, columns, x, 0, lanes, lanes,
                    MemorySegment.ofArray(found), 0);
            compare(expected, found, 0, "products of " + stored);
        }
    }

    private void attention(FloatKernels kernels, FloatKernels portable, int lanes) {
        long step = (long) ROWS * lanes;
        MemorySegment q = values(ROWS * lanes);
        MemorySegment k = values((KEYS / lanes + 2) * ROWS * lanes);
        MemorySegment v = values((KEYS / lanes + 2) * ROWS * lanes);
        MemorySegment mask = values(KEYS);
        float[] expected = new float[ROWS * lanes];
        float[] found = new float[ROWS * lanes];
        portable.attention(q, 0, lanes, lanes, k, 0, v, 0, step, lanes, 3, KEYS, ROWS, 1f / 6, mask, 0, 1,
                MemorySegment.ofArray(expected), 0);
        kernels.attention(q, 0, lanes, lanes, k, 0, v, 0, step, lanes, 3, KEYS, ROWS, 1f / 6, mask, 0, 1,
                MemorySegment.ofArray(found), 0);
        compare(expected, found, 0, "attention");
    }

    private void pointwise(FloatKernels kernels, FloatKernels portable, int lanes) {
        MemorySegment x = values(DEPTH * lanes);
        MemorySegment residual = values(DEPTH * lanes);
        MemorySegment bias = values(DEPTH);
        MemorySegment weight = values(DEPTH);
        float[][] results = new float[2][];
        FloatKernels[] both = {portable, kernels};
        for (int i = 0; i < 2; i++) {
            results[i] = x.toArray(ValueLayout.JAVA_FLOAT);
            MemorySegment y = MemorySegment.ofArray(results[i]);
            both[i].add(y, 0, lanes, DEPTH, lanes, bias, 0, residual, 0);
            both[i].gelu(y, 0, lanes, DEPTH, lanes, bias, 0);
            both[i].tanh(y, 0, lanes, DEPTH / 2, lanes, bias, 0);
            both[i].norm(y, 0, y, 0, lanes, DEPTH, lanes, weight, 0, bias, 0, 1e-12f);
        }
        compare(results[0], results[1], 0, "activations");
        for (int i = 0; i < 2; i++) {
            results[i] = new float[2 * DEPTH * lanes];
            MemorySegment y = MemorySegment.ofArray(results[i]);
            both[i].withRest(x, 0, DEPTH, lanes, y, 0);
            both[i].rest(x, 0, DEPTH, lanes, y, 4L * DEPTH * lanes);
            both[i].scale(y, 0, DEPTH / 2, lanes, weight, 0, y, 0);
            both[i].fold(y, 0, lanes, DEPTH / 2, y, 0);
            both[i].shortGelu(y, 0, lanes, DEPTH, lanes, bias, 0);
        }
        compare(results[0], results[1], 0, "rests");
    }

    private void widen(FloatKernels kernels, FloatKernels portable) {
        byte[] bytes = new byte[2 * ROWS * DEPTH];
        random.nextBytes(bytes);
        MemorySegment w = MemorySegment.ofArray(bytes);
        MemorySegment scales = values(ROWS);
        MemorySegment columns = values(DEPTH);
        for (FloatKernels.Stored stored : FloatKernels.Stored.values()) {
            int[] expected = new int[ROWS * DEPTH];
            int[] found = new int[ROWS * DEPTH];
            portable.widen(w, 0, stored, ROWS, DEPTH, scales, 0, columns, MemorySegment.ofArray(expected), 0);
            kernels.widen(w, 0, stored, ROWS, DEPTH, scales, 0, columns, MemorySegment.ofArray(found), 0);
            for (int i = 0; i < expected.length; i++) {
                float value = Float.intBitsToFloat(expected[i]);
                if (expected[i] != found[i] && !(Float.isNaN(value) && Float.isNaN(Float.intBitsToFloat(found[i])))) {
                    throw new IllegalStateException("the C kernels (" + name + ") widen " + stored + " to "
                            + Float.intBitsToFloat(found[i]) + " instead of " + value + " on this processor.");
                }
            }
        }
    }

    private static float[] product(ByteKernels with, MemorySegment w, MemorySegment scales, MemorySegment x,
            int lanes) {
        MemorySegment packed = MemorySegment.ofArray(new byte[(int) ByteKernels.packedBytes(DEPTH, lanes)]);
        MemorySegment xScales = MemorySegment.ofArray(new float[lanes]);
        float[] y = new float[ROWS * lanes];
        with.pack(x, 0, DEPTH, lanes, packed, 0, xScales, 0);
        with.gemm(w, 0, DEPTH, ROWS, DEPTH, scales, 0, with.known(w, DEPTH, ROWS, DEPTH), 0, packed, 0, xScales, 0,
                lanes, lanes, MemorySegment.ofArray(y), 0);
        return y;
    }

    private static float[] product(HalfKernels with, MemorySegment w, MemorySegment x, int lanes) {
        MemorySegment packed = MemorySegment.ofArray(new byte[(int) HalfKernels.packedBytes(DEPTH, lanes)]);
        float[] y = new float[ROWS * lanes];
        with.pack(x, 0, DEPTH, lanes, packed, 0);
        with.gemm(w, 0, 2L * DEPTH, ROWS, DEPTH, packed, 0, lanes, lanes, MemorySegment.ofArray(y), 0);
        return y;
    }

    private static float[] product(SplitKernels with, MemorySegment w, MemorySegment x, int lanes) {
        MemorySegment rows = Arena.ofAuto().allocate(SplitKernels.packedBytes(ROWS, DEPTH), NativeKernels.ALIGNMENT);
        MemorySegment packed = Arena.ofAuto().allocate(SplitKernels.packedBytes(lanes, DEPTH), NativeKernels.ALIGNMENT);
        float[] y = new float[ROWS * lanes];
        with.split(w, 0, 4L * DEPTH, ROWS, DEPTH, rows, 0);
        with.pack(x, 0, DEPTH, lanes, packed, 0);
        with.gemm(rows, 0, ROWS, DEPTH, packed, 0, lanes, lanes, MemorySegment.ofArray(y), 0);
        return y;
    }

    private static float[] attention(HalfAttention with, MemorySegment q, MemorySegment k, MemorySegment v,
            MemorySegment mask, int lanes) {
        MemorySegment packed = Arena.ofAuto().allocate(HalfAttention.packedBytes(KEYS, ROWS), NativeKernels.ALIGNMENT);
        float[] context = new float[ROWS * lanes];
        with.pack(k, 0, v, 0, (long) ROWS * lanes, lanes, 3, KEYS, ROWS, packed, 0);
        with.attend(q, 0, lanes, lanes, packed, 0, KEYS, ROWS, 1f / 6, mask, 0, 1, MemorySegment.ofArray(context), 0);
        return context;
    }

    private void compare(float[] expected, float[] found, float tolerance, String what) {
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - found[i]) <= tolerance * (1 + Math.abs(expected[i])))) {
                throw new IllegalStateException("the C kernels (" + name + ") compute " + found[i] + " instead of "
                        + expected[i] + " in " + what + " on this processor.");
            }
        }
    }
}
