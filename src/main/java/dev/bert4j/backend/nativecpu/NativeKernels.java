package dev.bert4j.backend.nativecpu;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The C kernels of {@code native/cpu} that are best for this processor, called where they lie; {@code bert4j.h} defines
 * what they compute. Immutable and thread-safe.
 *
 * <p>Lanes of panels are a multiple of {@link #leastLanes}, 32 at most.
 */
public final class NativeKernels {
    /**
     * Instructions that a kernel may be made of.
     *
     * @param name the end of its name
     * @param feature the bits of bert4j_features
     */
    private record Instructions(String name, int feature) {
    }

    /** What packed values begin at a multiple of: a line of the cache. */
    public static final int ALIGNMENT = 64;

    private static final List<Instructions> F32 = List.of(new Instructions("avx512", 1 << 1),
            new Instructions("avx2", 1 << 0), new Instructions("neon", 1 << 7));
    /** For products of weights in fp32. */
    private static final List<Instructions> PRODUCTS = Stream.concat(
            Stream.of(new Instructions("avx512_halves", 1 << 1 | 1 << 11)), F32.stream()).toList();
    private static final List<Instructions> S8 = List.of(new Instructions("amx_int8", 1 << 5),
            new Instructions("avx512_vnni", 1 << 3), new Instructions("avx_vnni", 1 << 2),
            new Instructions("avx2", 1 << 0), new Instructions("i8mm", 1 << 9), new Instructions("dotprod", 1 << 8));
    private static final List<Instructions> BF16 = List.of(new Instructions("amx_bf16", 1 << 6),
            new Instructions("avx512_bf16", 1 << 4), new Instructions("bf16", 1 << 10));
    /** Three products of bf16 are worth it only where they are many times as fast as one of fp32. */
    private static final List<Instructions> BF16X3 = List.of(new Instructions("amx_bf16", 1 << 6 | 1 << 4));
    private static final List<Instructions> ATTENTION_BF16 = List.of(new Instructions("amx_bf16", 1 << 6 | 1 << 4),
            new Instructions("avx512_bf16", 1 << 4));
    private static final String PORTABLE = "portable";

    private final NativeLibrary library;
    private final int features;
    private final FloatKernels floats;
    private ByteKernels bytes;
    private HalfKernels halves;
    private SplitKernels splits;
    private Optional<HalfAttention> halfAttention;

    private NativeKernels(NativeLibrary library) {
        this.library = library;
        features = library.number("features");
        String best = best(F32);
        if (best.equals(PORTABLE)) {
            throw new IllegalStateException("the C kernels have none for this processor, which has neither AVX2 nor"
                    + " NEON.");
        }
        floats = new FloatKernels(library, best, best(PRODUCTS));
        SelfCheck.run(floats, new FloatKernels(library, PORTABLE, PORTABLE));
    }

    private NativeKernels(NativeLibrary library, int features, FloatKernels floats) {
        this.library = library;
        this.features = features;
        this.floats = floats;
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
                kernels = Holder.kernels != null ? Holder.kernels : new NativeKernels(NativeLibrary.load());
                Holder.kernels = kernels;
            }
        }
        return kernels;
    }

    private String best(List<Instructions> kinds) {
        return kinds.stream().filter(kind -> (features & kind.feature) == kind.feature).map(Instructions::name)
                .findFirst().orElse(PORTABLE);
    }

    /** Those of fp32. */
    public FloatKernels floats() {
        return floats;
    }

    /**
     * Those of int8; tried the first time.
     *
     * @throws IllegalStateException if the processor has no instructions for them, or they compute something else; the
     *     message, a clause, says so
     */
    public synchronized ByteKernels bytes() {
        if (bytes == null) {
            ByteKernels best = new ByteKernels(library, required(S8, "int8"));
            SelfCheck.run(best, new ByteKernels(library, PORTABLE));
            bytes = best;
        }
        return bytes;
    }

    /** Those of bf16, as {@link #bytes}. */
    public synchronized HalfKernels halves() {
        if (halves == null) {
            HalfKernels best = new HalfKernels(library, required(BF16, "bf16"));
            SelfCheck.run(best, new HalfKernels(library, PORTABLE));
            halves = best;
        }
        return halves;
    }

    /** Those of bf16x3, as {@link #bytes}. */
    public synchronized SplitKernels splits() {
        if (splits == null) {
            SplitKernels best = new SplitKernels(library, required(BF16X3, "bf16x3"));
            SelfCheck.run(best, portableSplits());
            splits = best;
        }
        return splits;
    }

    /**
     * Attention in bf16, where the processor has AVX512-BF16, by tiles where it has AMX, too; tried the first time.
     *
     * @throws IllegalStateException if it computes something else; the message, a clause, says so
     */
    public synchronized Optional<HalfAttention> halfAttention() {
        if (halfAttention == null) {
            String name = best(ATTENTION_BF16);
            if (name.equals(PORTABLE)) {
                halfAttention = Optional.empty();
            } else {
                HalfAttention best = new HalfAttention(library, name);
                SelfCheck.run(name, best, new HalfAttention(library, PORTABLE));
                halfAttention = Optional.of(best);
            }
        }
        return halfAttention;
    }

    private SplitKernels portableSplits() {
        return new SplitKernels(library, PORTABLE);
    }

    /** The same with bf16x3 and attention in bf16 in plain C, which every processor runs, if not fast. */
    public NativeKernels withPortableTiles() {
        NativeKernels kernels = new NativeKernels(library, features, floats);
        kernels.splits = portableSplits();
        kernels.halfAttention = Optional.of(new HalfAttention(library, PORTABLE));
        return kernels;
    }

    /** Whether the processor has tiles of bf16. */
    public boolean hasBf16x3() {
        return !best(BF16X3).equals(PORTABLE);
    }

    private String required(List<Instructions> kinds, String precision) {
        String best = best(kinds);
        if (best.equals(PORTABLE)) {
            throw new IllegalStateException("this processor has no instructions for " + precision + ".");
        }
        return best;
    }

    /** Whether the processor multiplies bf16. */
    public boolean hasBf16() {
        return !best(BF16).equals(PORTABLE);
    }

    /** Lanes of a panel are a multiple of this. */
    public int leastLanes() {
        return floats.name().equals("neon") ? 4 : 8;
    }
}
