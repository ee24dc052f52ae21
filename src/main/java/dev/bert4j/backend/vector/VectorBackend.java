package dev.bert4j.backend.vector;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Workers;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.backend.vector.NativeRows.Precision;
import dev.bert4j.backend.vector.VectorSession.RowProducts;
import dev.bert4j.weights.WeightTensor;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import jdk.incubator.vector.FloatVector;

/** Vector API kernels over token panels, reading the weights in place. */
public final class VectorBackend implements Backend {
    /** The name that chooses it. */
    public static final String NAME = "vector";
    /** The name that chooses it with products in C. */
    public static final String NATIVE = "nativecpu";
    /** The narrowest vector that there are kernels for. */
    private static final int MIN_BITS = 128;
    /** The widest. */
    private static final int MAX_BITS = 512;

    private final String name;
    /** What computes the products of weights, where it is not the Vector API. */
    private final String products;
    private final RowProducts rows;
    private final NativeAttention attention;
    private final Workers workers;
    private final int wide;
    private final int narrow;
    private final ConcurrentLinkedQueue<VectorSession> idle = new ConcurrentLinkedQueue<>();

    /** Kernels of the width that the JVM prefers on this CPU, on that many threads. */
    public VectorBackend(int threads) {
        this(threads, Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), MIN_BITS, MAX_BITS));
    }

    /** Kernels of at most {@code bits} bits: 128, 256 or 512. */
    VectorBackend(int threads, int bits) {
        this(NAME, "", threads, bits, MIN_BITS, (workers, workspace) -> new VectorRows(workspace, workers.threads()),
                null);
    }

    private VectorBackend(String name, String products, int threads, int bits, int least, RowProducts rows,
            NativeAttention attention) {
        this.name = name;
        this.products = products;
        this.rows = rows;
        this.attention = attention;
        workers = new Workers(threads);
        wide = Math.max(bits, least);
        // Few tokens fill a narrow vector better.
        narrow = Math.max(bits / 2, least);
    }

    /** Whether there are products in C to try: those of the jar, or of a library that the user names. */
    public static boolean hasNativeProducts() {
        return NativeKernels.isIncluded();
    }

    /**
     * With the products of weights in C, and all else as before.
     *
     * @param precision null for the bits of the other backends; {@code int8} or {@code bf16} for products of weights
     *     that are stored so as they are, with activations rounded to the same
     * @throws IllegalStateException if it cannot be had here; the message, a clause, says why
     */
    public static VectorBackend withNativeProducts(int threads, String precision) {
        NativeKernels kernels = NativeKernels.get();
        Precision kind = precision == null ? Precision.EXACT : Precision.valueOf(precision.toUpperCase(Locale.ROOT));
        if (kind == Precision.BF16 && !kernels.hasBf16() || kind == Precision.INT8 && !kernels.hasInt8()) {
            throw new IllegalStateException("this processor has no instructions for " + precision + ".");
        }
        int bits = Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), MIN_BITS, MAX_BITS);
        return withNativeProducts(threads, bits, kind, kernels);
    }

    static VectorBackend withNativeProducts(int threads, int bits, Precision kind, NativeKernels kernels) {
        Map<WeightTensor, int[]> sums = NativeRows.sharedSums();
        String instructions = switch (kind) {
            case EXACT -> kernels.f32();
            case BF16 -> kernels.bf16() + ", " + kernels.f32();
            case INT8 -> kernels.s8() + ", " + kernels.f32();
        };
        String suffix = kind == Precision.EXACT ? "" : ":" + kind.name().toLowerCase(Locale.ROOT);
        return new VectorBackend(NATIVE + suffix, "C kernels (" + instructions + "), ", threads, bits,
                kernels.leastLanes() * Float.SIZE,
                (workers, workspace) -> new NativeRows(kernels, kind, sums, workers, workspace),
                new NativeAttention(kernels));
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
        // Taken here and not when a model is opened: most programs need one width only.
        Kernels kernels = Kernels.of(tokens <= narrow / Float.SIZE ? narrow : wide);
        int lanes = tokens <= kernels.vectorLanes() ? kernels.vectorLanes() : 2 * kernels.vectorLanes();
        VectorSession session = idle.poll();
        return (session != null ? session : new VectorSession(this, workers, rows, attention)).begin(kernels, lanes);
    }

    /** Keeps a session for the next call, but not one for every caller that ever came at the same time. */
    void release(VectorSession session) {
        if (idle.size() < Math.max(2, workers.threads())) {
            idle.offer(session);
        }
    }

    @Override
    public void close() {
        workers.close();
    }
}
