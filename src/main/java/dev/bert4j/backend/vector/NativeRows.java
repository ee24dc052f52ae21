package dev.bert4j.backend.vector;

import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Workers;
import dev.bert4j.backend.nativecpu.ByteKernels;
import dev.bert4j.backend.nativecpu.FloatKernels;
import dev.bert4j.backend.nativecpu.HalfKernels;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * {@link RowProduct} with C kernels. Exactly, as the other backends compute it; or faster, where weights of a type are
 * multiplied as they are: bytes with activations that are rounded to bytes, token by token, or bf16 with bf16.
 */
final class NativeRows implements RowProduct {
    /** A multiple of the rows of every tile, but for those of AMX, which has 32. */
    private static final int TILE = 24;
    private static final int TILE_AMX = 32;

    /** What weights are multiplied as they are. */
    enum Precision {
        /** None: every product has the bits of the other backends. */
        EXACT,
        /** bf16. */
        BF16,
        /** Quantised weights. */
        INT8;

        /** The kind of products with a weight. */
        Precision of(WeightTensor weight) {
            return this == BF16 && weight.dtype() == DType.BF16 || this == INT8 && weight.scales() != null
                    && weight.size(1) <= ByteKernels.MOST_DEPTH ? this : EXACT;
        }
    }

    private final FloatKernels floats;
    private final ByteKernels bytes;
    private final HalfKernels halves;
    private final Precision precision;
    private final Workers workers;
    private final Workspace workspace;
    private final float[][] widened;
    private final Workers.Task pack = this::pack;
    /** Sums of the rows of bytes of each weight, made when it is first used. */
    private final Map<WeightTensor, int[]> sums;
    private Kernels kernels;
    private LinearWeights[] linears;
    private Panels x;
    private Panels[] ys;
    private int depth;
    private Precision kind;
    private int packedBytes;
    private byte[] packed = new byte[0];
    private float[] scales = new float[0];
    private int[][] sumsOfWeights = new int[1][];

    NativeRows(NativeKernels natives, Precision precision, Map<WeightTensor, int[]> sums, Workers workers,
            Workspace workspace) {
        floats = natives.floats();
        bytes = precision == Precision.INT8 ? natives.bytes() : null;
        halves = precision == Precision.BF16 ? natives.halves() : null;
        this.precision = precision;
        this.sums = sums;
        this.workers = workers;
        this.workspace = workspace;
        widened = new float[workers.threads()][];
    }

    /** What the sessions of a model share. */
    static Map<WeightTensor, int[]> sharedSums() {
        return new WeakHashMap<>();
    }

    @Override
    public void begin(Kernels with, Panels input, LinearWeights[] weights, Panels[] outputs) {
        kernels = with;
        linears = weights;
        x = input;
        ys = outputs;
        depth = weights[0].in();
        kind = precision.of(weight(0).tensor());
        if (kind == Precision.EXACT) {
            return;
        }
        packedBytes = Math.toIntExact(kind == Precision.INT8 ? ByteKernels.packedBytes(depth, x.lanes())
                : HalfKernels.packedBytes(depth, x.lanes()));
        int all = Math.multiplyExact(packedBytes, x.count());
        packed = packed.length < all ? new byte[all] : packed;
        if (kind == Precision.INT8) {
            scales = scales.length < x.count() * x.lanes() ? new float[x.count() * x.lanes()] : scales;
            sumsOfWeights = sumsOfWeights.length < weights.length ? new int[weights.length][] : sumsOfWeights;
            for (int i = 0; i < weights.length; i++) {
                sumsOfWeights[i] = sums(weight(i).tensor(), weights[i].out());
            }
        }
        workers.run(x.count(), pack);
    }

    private CpuParameter weight(int number) {
        return (CpuParameter) linears[number].weight();
    }

    private int[] sums(WeightTensor weight, int rows) {
        synchronized (sums) {
            return sums.computeIfAbsent(weight, w -> bytes.sums(w.data(), depth, rows, depth));
        }
    }

    private void pack(int panel, int worker) {
        MemorySegment from = floats(x.values(), x.at(panel, 0));
        MemorySegment to = packed(panel);
        if (kind == Precision.INT8) {
            bytes.pack(from, depth, x.lanes(), to, floats(scales, panel * x.lanes()));
        } else {
            halves.pack(from, depth, x.lanes(), to);
        }
    }

    private MemorySegment packed(int panel) {
        return MemorySegment.ofArray(packed).asSlice((long) panel * packedBytes);
    }

    /** Values from one on. */
    static MemorySegment floats(float[] values, int at) {
        return MemorySegment.ofArray(values).asSlice(4L * at);
    }

    @Override
    public int rowBytes() {
        return depth * (kind == Precision.INT8 ? 1 : kind == Precision.BF16 ? 2 : Float.BYTES);
    }

    @Override
    public int tileRows() {
        boolean amx = kind == Precision.INT8 && bytes.name().startsWith("amx")
                || kind == Precision.BF16 && halves.name().startsWith("amx");
        return amx ? TILE_AMX : TILE;
    }

    @Override
    public boolean inPlace() {
        return kind != Precision.EXACT || weight(0).floats() != null;
    }

    @Override
    public void rows(int weight, int row, int rows, int worker) {
        if (!inPlace()) {
            widened[worker] = workspace.scratch(worker, rows * depth);
            kernels.widening().widen(weight(weight).tensor(), row, rows, widened[worker], workspace.staging(worker));
        }
    }

    @Override
    public void multiply(int weight, int panel, int row, int rows, int vectors, int worker) {
        Panels y = ys[weight];
        WeightTensor w = weight(weight).tensor();
        int lanes = y.lanes();
        int used = Math.min(lanes, vectors * kernels.vectorLanes());
        MemorySegment to = floats(y.values(), y.at(panel, row));
        switch (kind) {
            case INT8 -> bytes.gemm(w.data().asSlice((long) row * depth), depth, rows, depth,
                    w.scales().data().asSlice(4L * row), MemorySegment.ofArray(sumsOfWeights[weight]).asSlice(4L * row),
                    packed(panel), floats(scales, panel * lanes), lanes, used, to);
            case BF16 -> halves.gemm(w.data().asSlice(2L * row * depth), 2L * depth, rows, depth,
                    packed(panel), lanes, used, to);
            default -> floats.gemm(inPlace() ? weight(weight).floats().asSlice(4L * row * depth)
                    : MemorySegment.ofArray(widened[worker]), 4L * depth, rows, depth, floats(x.values(),
                            x.at(panel, 0)), lanes, used, to);
        }
    }
}
