package dev.bert4j.backend.vector;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Workers;
import dev.bert4j.backend.nativecpu.FloatKernels;
import dev.bert4j.backend.nativecpu.HalfAttention;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.backend.vector.NativeRows.Precision;
import dev.bert4j.backend.vector.VectorSession.RowProducts;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import jdk.incubator.vector.FloatVector;

/** Vector API kernels over token panels, reading the weights in place. */
public final class VectorBackend implements Backend {
    /** The name that chooses it. */
    public static final String NAME = "vector";
    /** The name that chooses it with C kernels. */
    public static final String NATIVE = "nativecpu";
    /** The narrowest vector that there are kernels for. */
    private static final int MIN_BITS = 128;
    /** The widest. */
    private static final int MAX_BITS = 512;

    private final String name;
    /** What computes most of it, where it is not the Vector API. */
    private final String products;
    private final RowProducts rows;
    /** What computes the rest in C, or null. */
    private final FloatKernels natives;
    /** What attends in bf16, where products are in as few bits, or null. */
    private final HalfAttention halves;
    private final Workers workers;
    private final int wide;
    private final int narrow;
    private volatile Kernels kernelsOfWide;
    private volatile Kernels kernelsOfNarrow;
    private final AtomicReferenceArray<VectorSession> idle;

    /** Kernels of the width that the JVM prefers on this CPU, on that many threads. */
    public VectorBackend(int threads) {
        this(threads, Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), MIN_BITS, MAX_BITS));
    }

    /** Kernels of at most {@code bits} bits: 128, 256 or 512. */
    VectorBackend(int threads, int bits) {
        this(NAME, "", threads, bits, MIN_BITS, (workers, workspace) -> new VectorRows(workspace, workers.threads()),
                null, null);
    }

    private VectorBackend(String name, String products, int threads, int bits, int least, RowProducts rows,
            FloatKernels natives, HalfAttention halves) {
        this.name = name;
        this.products = products;
        this.rows = rows;
        this.natives = natives;
        this.halves = halves;
        workers = new Workers(threads);
        // Not one for every caller that ever came at the same time.
        idle = new AtomicReferenceArray<>(Math.max(2, threads));
        wide = Math.max(bits, least);
        // Few tokens fill a narrow vector better.
        narrow = Math.max(bits / 2, least);
    }

    /** Whether there are products in C to try: those of the jar, or of a library that the user names. */
    public static boolean hasNativeKernels() {
        return NativeKernels.isIncluded();
    }

    /**
     * With C kernels for the products, attention and what surrounds them, and for the rest the Vector API.
     *
     * @param precision null for the bits of the other backends; {@code int8} or {@code bf16} for products of weights
     *     that are stored so as they are, with activations rounded to the same, and attention behind them in bf16 where
     *     there is AVX512-BF16; or {@code int8x2} with activations of two bytes;
     *     {@code bf16x3} for all products in bf16, of numbers that are two of these each
     * @throws IllegalStateException if it cannot be had here; the message, a clause, says why
     */
    public static VectorBackend withNativeKernels(int threads, String precision) {
        NativeKernels kernels = NativeKernels.get();
        Precision kind = precision == null ? Precision.EXACT : Precision.valueOf(precision.toUpperCase(Locale.ROOT));
        int bits = Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), MIN_BITS, MAX_BITS);
        return withNativeKernels(threads, bits, kind, kernels);
    }

    static VectorBackend withNativeKernels(int threads, int bits, Precision kind, NativeKernels kernels) {
        Map<WeightTensor, MemorySegment> known = NativeRows.sharedKnown();
        HalfAttention halves = kind.isOfHalves() ? kernels.halfAttention().orElse(null) : null;
        String instructions = switch (kind) {
            case EXACT -> kernels.floats().name();
            case BF16X3 -> kernels.splits().name() + ", " + kernels.floats().name();
            case BF16 -> kernels.halves().name() + ", " + kernels.floats().name();
            case INT8, INT8X2 -> kernels.bytes().name() + ", " + kernels.floats().name();
        };
        instructions += halves == null ? "" : ", attention " + halves.name();
        String suffix = kind == Precision.EXACT ? "" : ":" + kind.name().toLowerCase(Locale.ROOT);
        return new VectorBackend(NATIVE + suffix, "C kernels (" + instructions + "), ", threads, bits,
                kernels.leastLanes() * Float.SIZE,
                (workers, workspace) -> new NativeRows(kernels, kind, known, workers, workspace), kernels.floats(),
                halves);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        int threads = workers.threads();
        return products + "Vector API, " + wide + " bits, " + threads + (threads == 1 ? " thread" : " threads");
    }

    @Override
    public Parameter parameter(WeightTensor weight) {
        return new CpuParameter(weight);
    }

    @Override
    public Session open(int tokens) {
        Kernels chosen = tokens <= narrow / Float.SIZE ? narrow() : wide();
        int lanes = tokens <= chosen.vectorLanes() ? chosen.vectorLanes() : 2 * chosen.vectorLanes();
        return idleOrNew().begin(chosen, lanes);
    }

    /** Taken with the first call and not when a model is opened: most programs need one width only. */
    private Kernels narrow() {
        Kernels kernels = kernelsOfNarrow;
        if (kernels == null) {
            // Whoever comes at the same time makes an equal one.
            kernels = narrow == wide ? wide() : kernels(narrow);
            kernelsOfNarrow = kernels;
        }
        return kernels;
    }

    private Kernels wide() {
        Kernels kernels = kernelsOfWide;
        if (kernels == null) {
            kernels = kernels(wide);
            kernelsOfWide = kernels;
        }
        return kernels;
    }

    private Kernels kernels(int bits) {
        return natives == null ? Kernels.of(bits) : new NativeKernelSet(bits, natives);
    }

    private VectorSession idleOrNew() {
        for (int i = 0; i < idle.length(); i++) {
            VectorSession session = idle.get(i) == null ? null : idle.getAndSet(i, null);
            if (session != null) {
                return session;
            }
        }
        return new VectorSession(this, workers, rows, natives, halves);
    }

    /** Keeps a session for the next call, if there is a place for it. */
    void release(VectorSession session) {
        for (int i = 0; i < idle.length(); i++) {
            if (idle.get(i) == null && idle.compareAndSet(i, null, session)) {
                return;
            }
        }
    }

    @Override
    public void close() {
        workers.close();
    }
}
