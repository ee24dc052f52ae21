package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.Floats.segmentOrNull;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.cpu.Workers;
import dev.bert4j.backend.nativecpu.ByteKernels;
import dev.bert4j.backend.nativecpu.FloatKernels;
import dev.bert4j.backend.nativecpu.FloatKernels.Stored;
import dev.bert4j.backend.nativecpu.HalfKernels;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * {@link RowProduct} with C kernels. Exactly, as the other backends compute it; or faster, where weights of a type are
 * multiplied as they are: bytes with activations that are rounded to bytes, token by token ({@link ByteRows}), or bf16
 * with bf16; or all of them as two numbers of bf16 each ({@link SplitRows}).
 */
final class NativeRows implements RowProduct {
    /** A multiple of the rows of every tile of products that are not exact, but for those of AMX, which has 32. */
    private static final int TILE = 24;
    private static final int TILE_AMX = 32;
    /** So many panels that it does not matter how fast the last is, of which only one vector may be used. */
    private static final int MANY_PANELS = 8;

    /** What weights are multiplied as they are. */
    enum Precision {
        /** None: every product has the bits of the other backends. */
        EXACT,
        /** bf16. */
        BF16,
        /** All of them, each number as two of bf16. */
        BF16X3,
        /** Quantised weights, with activations of one byte. */
        INT8,
        /** Quantised weights, with activations of two bytes. */
        INT8X2;

        boolean isBytes() {
            return this == INT8 || this == INT8X2;
        }

        /** Whether it rounds so much that attention to what it gives may be in bf16. */
        boolean isOfHalves() {
            return this == INT8 || this == BF16;
        }

        /** Whether weights are always multiplied as they lie in the file. */
        boolean isInPlace() {
            return this == BF16 || isBytes();
        }

        /** The kind of products with a weight. */
        Precision of(WeightTensor weight) {
            return this == BF16X3 || this == BF16 && weight.dtype() == DType.BF16
                    || isBytes() && weight.scales() != null && weight.size(1) <= ByteKernels.MOST_DEPTH ? this : EXACT;
        }
    }

    private final FloatKernels floats;
    private final ByteRows bytes;
    private final HalfKernels halves;
    private final SplitRows splits;
    private final Precision precision;
    private final Workers workers;
    private final Workspace workspace;
    private final Floats[] widened;
    private final Workers.Task pack = this::pack;
    private final ActivationKernel shortGelu = this::shortGelu;
    private Kernels kernels;
    private LinearWeights[] linears;
    private Panels x;
    private Panels[] ys;
    private int depth;
    private Precision kind;
    /** What weights are widened from while they are multiplied, or null. */
    private Stored stored;
    private int packedBytes;
    private MemorySegment packed = MemorySegment.NULL;

    NativeRows(NativeKernels natives, Precision precision, Map<WeightTensor, MemorySegment> known, Workers workers,
            Workspace workspace) {
        floats = natives.floats();
        bytes = !precision.isBytes() ? null
                : new ByteRows(natives.bytes(), floats, precision == Precision.INT8 ? 1 : 2, known, workspace);
        halves = precision == Precision.BF16 ? natives.halves() : null;
        splits = precision == Precision.BF16X3 ? new SplitRows(natives.splits(), workers.threads()) : null;
        this.precision = precision;
        this.workers = workers;
        this.workspace = workspace;
        widened = new Floats[workers.threads()];
    }

    /** What the sessions of a model share. */
    static Map<WeightTensor, MemorySegment> sharedKnown() {
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
        stored = kind == Precision.EXACT ? storedToMultiply() : null;
        if (kind == Precision.EXACT) {
            return;
        }
        if (kind == Precision.BF16) {
            packedBytes = Math.toIntExact(HalfKernels.packedBytes(depth, x.lanes()));
            int all = Math.multiplyExact(packedBytes, x.count());
            packed = Workspace.aligned(packed, all);
        } else if (kind == Precision.BF16X3) {
            splits.begin(input, depth);
        } else {
            bytes.begin(input, weights);
        }
        workers.runNeighbours(x.count(), pack);
    }

    /** Where that is faster than to widen rows first. */
    private Stored storedToMultiply() {
        Stored as = NativeWidening.stored(weight(0).tensor());
        return as != null && x.tokens() <= floats.mostTokensOfStored(as) ? as : null;
    }

    private CpuParameter weight(int number) {
        return (CpuParameter) linears[number].weight();
    }

    private void pack(int panel, int worker) {
        if (kind == Precision.BF16) {
            halves.pack(x.floats().segment(), 4L * x.at(panel, 0), depth, x.lanes(), packed, packedAt(panel));
        } else if (kind == Precision.BF16X3) {
            splits.pack(panel);
        } else {
            bytes.pack(panel, worker);
        }
    }

    private long packedAt(int panel) {
        return (long) panel * packedBytes;
    }

    @Override
    public int rowBytes() {
        return depth * (kind.isBytes() ? 1 : kind == Precision.BF16 ? 2
                : stored != null ? stored.bytes() : Float.BYTES);
    }

    @Override
    public int tileRows() {
        if (kind == Precision.BF16X3) {
            return SplitRows.TILE;
        }
        boolean amx = kind.isBytes() && bytes.name().startsWith("amx")
                || kind == Precision.BF16 && halves.name().startsWith("amx");
        if (amx) {
            return TILE_AMX;
        }
        if (kind != Precision.EXACT) {
            return TILE;
        }
        return stored == null && haveOneTile() ? floats.tileRows(x.lanes()) : floats.tileRowsOfAny();
    }

    /** Whether all panels, or nearly all, have as many vectors in use as they have. */
    private boolean haveOneTile() {
        return x.count() >= MANY_PANELS || x.areFull(kernels.vectorLanes());
    }

    @Override
    public boolean inPlace() {
        return kind.isInPlace() || kind == Precision.EXACT && (stored != null || weight(0).floats() != null);
    }

    /** Two bytes of each value are multiplied one after the other. */
    @Override
    public boolean readsOnce() {
        return inPlace() && kind != Precision.INT8X2;
    }

    @Override
    public void rows(int weight, int row, int rows, int worker) {
        boolean wide = weight(weight).floats() != null;
        if (!inPlace() && !wide) {
            widened[worker] = workspace.scratch(worker, rows * depth);
            kernels.widening().widen(weight(weight), row, rows, widened[worker], depth, depth,
                    workspace.staging(worker));
        }
        if (kind == Precision.BF16X3) {
            splits.split(wide ? weight(weight).floats() : widened[worker].segment(), wide ? row : 0, rows, worker);
        }
    }

    /** What is rounded to bytes next needs no exact function. */
    @Override
    public ActivationKernel activation(Kernels with, ActivationFunction f) {
        return kind == Precision.INT8 && f == ActivationFunction.GELU ? shortGelu : with.activation(f);
    }

    @Override
    public boolean isOfHalves() {
        return kind != null && kind.isOfHalves();
    }

    private void shortGelu(Floats y, int at, int step, int rows, int vectors, Floats bias, int biasAt,
            ActivationFunction f) {
        floats.shortGelu(y.segment(), 4L * at, step, rows, vectors * kernels.vectorLanes(), segmentOrNull(bias),
                4L * biasAt);
    }

    @Override
    public void multiply(int weight, int panel, int next, int row, int rows, int vectors, int worker) {
        Panels y = ys[weight];
        WeightTensor w = weight(weight).tensor();
        int lanes = y.lanes();
        int used = Math.min(lanes, vectors * kernels.vectorLanes());
        MemorySegment to = y.floats().segment();
        long at = 4L * y.at(panel, row);
        switch (kind) {
            case INT8, INT8X2 -> bytes.multiply(weight, w, panel, row, rows, used, to, at, worker);
            case BF16 -> halves.gemm(w.data(), 2L * row * depth, 2L * depth, rows, depth, packed, packedAt(panel),
                    lanes, used, to, at);
            case BF16X3 -> splits.multiply(panel, rows, used, to, at, worker);
            default -> multiplyExactly(weight, w, panel, next, row, rows, used, to, at, worker);
        }
    }

    private void multiplyExactly(int weight, WeightTensor w, int panel, int next, int row, int rows, int used,
            MemorySegment to, long at, int worker) {
        MemorySegment values = x.floats().segment();
        long from = 4L * x.at(panel, 0);
        if (stored != null) {
            floats.gemmOfStored(w.data(), (long) stored.bytes() * row * depth, stored, rows, depth,
                    w.scales() == null ? null : w.scales().data(), 4L * row,
                    segmentOrNull(weight(weight).columnScales()), values, from, x.lanes(), used, to, at);
            return;
        }
        boolean inPlace = inPlace();
        floats.gemm(inPlace ? weight(weight).floats() : widened[worker].segment(), inPlace ? 4L * row * depth : 0,
                4L * depth, rows, depth, values, from, x.lanes(), used, to, at, next < 0 ? -1 : 4L * x.at(next, 0));
    }
}
