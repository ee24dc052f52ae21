package dev.bert4j.backend.nativecpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.List;

/**
 * The C kernels of {@code native/cpu} that are best for this processor, called where they lie; {@code bert4j.h} defines
 * what they compute. Immutable and thread-safe.
 *
 * <p>Lanes of panels are a multiple of {@link #leastLanes}, 32 at most.
 */
public final class NativeKernels {
    /** How deep a product of bytes may be, so that no sum leaves 32 bits. */
    public static final int MOST_DEPTH_S8 = 1 << 16;

    private static final FunctionDescriptor GEMM_F32 = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG,
            JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final FunctionDescriptor ATTENTION_F32 = FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_INT,
            JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_FLOAT, ADDRESS,
            JAVA_FLOAT, ADDRESS);
    private static final FunctionDescriptor PACK_S8 = FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT, ADDRESS,
            ADDRESS);
    private static final FunctionDescriptor GEMM_S8 = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG,
            JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final FunctionDescriptor SUMS_S8 = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT,
            JAVA_INT, ADDRESS);
    private static final FunctionDescriptor PACK_BF16 = FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final FunctionDescriptor GEMM_BF16 = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG,
            JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);

    /**
     * Instructions that a kernel may be made of.
     *
     * @param name the end of its name
     * @param feature the bit of bert4j_features
     */
    private record Instructions(String name, int feature) {
    }

    private static final List<Instructions> F32 = List.of(new Instructions("avx512", 1 << 1),
            new Instructions("avx2", 1 << 0), new Instructions("neon", 1 << 7));
    private static final List<Instructions> S8 = List.of(new Instructions("amx_int8", 1 << 5),
            new Instructions("avx512_vnni", 1 << 3), new Instructions("avx_vnni", 1 << 2),
            new Instructions("avx2", 1 << 0), new Instructions("i8mm", 1 << 9), new Instructions("dotprod", 1 << 8));
    private static final List<Instructions> BF16 = List.of(new Instructions("amx_bf16", 1 << 6),
            new Instructions("avx512_bf16", 1 << 4), new Instructions("bf16", 1 << 10));
    private static final String PORTABLE = "portable";

    /** The one that is loaded. Set before the first call. */
    private static NativeLibrary library;

    private final String f32;
    private final String s8;
    private final String bf16;
    private final MemorySegment kernelF32;
    private final MemorySegment kernelS8;
    private final MemorySegment kernelBf16;
    private final MemorySegment attentionF32;
    private final MethodHandle packS8;
    private final MethodHandle packBf16;

    private NativeKernels(NativeLibrary library, String f32, String s8, String bf16) {
        this.f32 = f32;
        this.s8 = s8;
        this.bf16 = bf16;
        kernelF32 = library.address("bert4j_gemm_f32_" + f32);
        kernelS8 = library.address("bert4j_gemm_s8_" + s8);
        kernelBf16 = library.address("bert4j_gemm_bf16_" + bf16);
        attentionF32 = library.address("bert4j_attention_f32_" + f32);
        packS8 = library.handle("bert4j_pack_s8_" + s8, PACK_S8);
        packBf16 = library.handle("bert4j_pack_bf16_" + bf16, PACK_BF16);
    }

    /** What calls a kernel that is its argument: constants, which the JIT compiles into their callers. */
    private static final class Calls {
        private static final MethodHandle F32 = library.handle("bert4j_guarded_f32", GEMM_F32);
        private static final MethodHandle S8 = library.handle("bert4j_guarded_s8", GEMM_S8);
        private static final MethodHandle BF16 = library.handle("bert4j_guarded_bf16", GEMM_BF16);
        private static final MethodHandle SUMS_OF_S8 = library.handle("bert4j_guarded_sums_s8", SUMS_S8);
        private static final MethodHandle ATTEND_F32 = library.handle("bert4j_attend_f32", ATTENTION_F32);

        private Calls() {
        }
    }

    private static final class Holder {
        private static volatile NativeKernels kernels;

        private Holder() {
        }
    }

    /** Whether this build has a library for this system, or the user names one. */
    public static boolean isIncluded() {
        return NativeLibrary.isIncluded();
    }

    /**
     * The kernels; loaded and tried the first time.
     *
     * @throws IllegalStateException if they cannot be had; the message, a clause, says why
     */
    public static NativeKernels get() {
        NativeKernels kernels = Holder.kernels;
        if (kernels == null) {
            synchronized (Holder.class) {
                kernels = Holder.kernels != null ? Holder.kernels : load();
                Holder.kernels = kernels;
            }
        }
        return kernels;
    }

    private static NativeKernels load() {
        library = NativeLibrary.load();
        int features = library.number("bert4j_features");
        String f32 = best(F32, features);
        if (f32.equals(PORTABLE)) {
            throw new IllegalStateException("the C kernels have none for this processor, which has neither AVX2 nor"
                    + " NEON.");
        }
        NativeKernels best = new NativeKernels(library, f32, best(S8, features), best(BF16, features));
        SelfCheck.run(best, new NativeKernels(library, PORTABLE, PORTABLE, PORTABLE));
        return best;
    }

    private static String best(List<Instructions> kinds, int features) {
        return kinds.stream().filter(kind -> (features & kind.feature) != 0).map(Instructions::name).findFirst()
                .orElse(PORTABLE);
    }

    /** The instructions of the products in fp32. */
    public String f32() {
        return f32;
    }

    /** The instructions of the products of bytes. */
    public String s8() {
        return s8;
    }

    /** The instructions of the products in bf16. */
    public String bf16() {
        return bf16;
    }

    /** Whether the processor multiplies bf16. */
    public boolean hasBf16() {
        return !bf16.equals(PORTABLE);
    }

    /** Whether the processor multiplies bytes. */
    public boolean hasInt8() {
        return !s8.equals(PORTABLE);
    }

    /** Lanes of a panel are a multiple of this. */
    public int leastLanes() {
        return f32.equals("neon") || f32.equals(PORTABLE) ? 4 : 8;
    }

    /** Bytes of a packed panel, of int8 or bf16. */
    public static long packedBytes(int depth, int lanes, boolean ofBytes) {
        return ofBytes ? (long) lanes * Math.ceilDiv(depth, 64) * 64 : 2L * lanes * Math.ceilDiv(depth, 32) * 32;
    }

    /** {@code y[row][lane] = Σ w[row][k] · x[k][lane]}, each a chain of fused multiply-adds. */
    public void gemmF32(MemorySegment w, long step, int rows, int depth, MemorySegment x, int lanes, int used,
            MemorySegment y) {
        try {
            requireRead((int) Calls.F32.invokeExact(kernelF32, w, step, rows, depth, x, lanes, used, y));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * {@code softmax(q·k·scale + mask)·v·factor} of one head: q and context {@code [size][lanes]}, keys and values
     * {@code [panel][feature][kvLanes]} from the first feature of the head on, in panels that lie {@code step} values
     * apart; the keys are {@code keys} tokens from {@code first} on. The mask has a value for each key, or is null.
     */
    public void attention(MemorySegment q, int lanes, int used, MemorySegment k, MemorySegment v, long step,
            int kvLanes, int first, int keys, int size, float scale, MemorySegment mask, float factor,
            MemorySegment context) {
        MemorySegment added = mask == null ? MemorySegment.NULL : mask;
        try {
            Calls.ATTEND_F32.invokeExact(attentionF32, q, lanes, used, k, v, step, kvLanes, first, keys, size, scale,
                    added, factor, context);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Rounds each token of a panel to bytes by a scale of its own. */
    public void packS8(MemorySegment x, int depth, int lanes, MemorySegment packed, MemorySegment scales) {
        try {
            packS8.invokeExact(x, depth, lanes, packed, scales);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The product of bytes and a panel that {@link #packS8} has packed. */
    public void gemmS8(MemorySegment w, long step, int rows, int depth, MemorySegment wScales, MemorySegment sums,
            MemorySegment packed, MemorySegment xScales, int lanes, int used, MemorySegment y) {
        try {
            requireRead((int) Calls.S8.invokeExact(kernelS8, w, step, rows, depth, wScales, sums, packed, xScales,
                    lanes, used, y));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The sums of rows of bytes. */
    public int[] sumsS8(MemorySegment w, long step, int rows, int depth) {
        int[] sums = new int[rows];
        try {
            requireRead((int) Calls.SUMS_OF_S8.invokeExact(w, step, rows, depth, MemorySegment.ofArray(sums)));
            return sums;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Rounds a panel to bf16. */
    public void packBf16(MemorySegment x, int depth, int lanes, MemorySegment packed) {
        try {
            packBf16.invokeExact(x, depth, lanes, packed);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The product of bf16 and a panel that {@link #packBf16} has packed. */
    public void gemmBf16(MemorySegment w, long step, int rows, int depth, MemorySegment packed, int lanes, int used,
            MemorySegment y) {
        try {
            requireRead((int) Calls.BF16.invokeExact(kernelBf16, w, step, rows, depth, packed, lanes, used, y));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Says as the JVM would that a mapped file could not be read. */
    private static void requireRead(int fault) {
        if (fault != 0) {
            throw new InternalError("a fault occurred in an unsafe memory access operation, in C");
        }
    }

    private static RuntimeException unexpected(Throwable e) {
        if (e instanceof RuntimeException known) {
            return known;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e);
    }

    @Override
    public String toString() {
        return String.join(", ", Arrays.asList(f32, s8, bf16));
    }
}
