package dev.bert4j.backend.vector;

import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.nativecpu.ByteKernels;
import dev.bert4j.backend.nativecpu.FloatKernels;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * Products of bytes, as weights are stored, with activations that are rounded to bytes: each token by a scale of its
 * own, to one byte; or to two, the second being what the first leaves by a scale of about a 254th, and the product the
 * sum of both.
 */
final class ByteRows {
    private static final int MOST_LANES = 32;

    private final ByteKernels kernels;
    private final FloatKernels floats;
    private final int digits;
    /** {@link ByteKernels#known} of each weight, found when it is first used. */
    private final Map<WeightTensor, MemorySegment> known;
    private final Workspace workspace;
    private Panels x;
    /** What features are multiplied with before they are rounded, or null. */
    private Floats factors;
    private int depth;
    private int packedBytes;
    /** Of each panel the bytes that come first, and then those that come second. */
    private MemorySegment packed = MemorySegment.NULL;
    private Floats scales = new Floats(0);
    private MemorySegment[] knownOfWeights = new MemorySegment[1];

    ByteRows(ByteKernels kernels, FloatKernels floats, int digits, Map<WeightTensor, MemorySegment> known,
            Workspace workspace) {
        this.kernels = kernels;
        this.floats = floats;
        this.digits = digits;
        this.known = known;
        this.workspace = workspace;
    }

    /** The instructions. */
    String name() {
        return kernels.name();
    }

    /** Begins products; every panel is to be packed next. */
    void begin(Panels input, LinearWeights[] weights) {
        x = input;
        factors = ((CpuParameter) weights[0].weight()).columnScales();
        depth = weights[0].in();
        packedBytes = Math.toIntExact(ByteKernels.packedBytes(depth, x.lanes()));
        int parts = digits * x.count();
        int all = Math.multiplyExact(packedBytes, parts);
        packed = Workspace.aligned(packed, all);
        scales = scales.length() < parts * x.lanes() ? new Floats(parts * x.lanes()) : scales;
        knownOfWeights = knownOfWeights.length < weights.length ? new MemorySegment[weights.length] : knownOfWeights;
        for (int i = 0; i < weights.length; i++) {
            knownOfWeights[i] = known(((CpuParameter) weights[i].weight()).tensor(), weights[i].out());
        }
    }

    private MemorySegment known(WeightTensor weight, int rows) {
        synchronized (known) {
            MemorySegment found = known.get(weight);
            if (found == null) {
                found = kernels.known(weight.data(), depth, rows, depth);
                known.put(weight, found);
            }
            return found;
        }
    }

    void pack(int panel, int worker) {
        int lanes = x.lanes();
        int count = depth * lanes;
        // First what is scaled, then what is left of it.
        MemorySegment scratch = digits == 1 && factors == null ? null
                : workspace.scratch(worker, Math.multiplyExact(3, count)).segment();
        MemorySegment values = x.floats().segment();
        long at = 4L * x.at(panel, 0);
        if (factors != null) {
            floats.scale(values, at, depth, lanes, factors.segment(), 0, scratch, 0);
            values = scratch;
            at = 0;
        }
        long restAt = 4L * count;
        if (digits == 1) {
            pack(values, at, lanes, panel, 0);
        } else if (isSideBySide()) {
            floats.withRest(values, at, depth, lanes, scratch, restAt);
            pack(scratch, restAt, 2 * lanes, panel, 0);
        } else {
            floats.rest(values, at, depth, lanes, scratch, restAt);
            pack(values, at, lanes, panel, 0);
            pack(scratch, restAt, lanes, panel, 1);
        }
    }

    private void pack(MemorySegment values, long at, int lanes, int panel, int digit) {
        kernels.pack(values, at, depth, lanes, packed, packedAt(panel, digit), scales.segment(),
                scalesAt(panel, digit));
    }

    /**
     * Whether the two bytes of a token lie in two lanes of one panel, so that weights are read once for both. Panels of
     * more lanes than this would not stay in the first-level cache.
     */
    private boolean isSideBySide() {
        return digits == 2 && 2 * x.lanes() <= MOST_LANES;
    }

    private long packedAt(int panel, int digit) {
        return (long) (digits * panel + digit) * packedBytes;
    }

    private long scalesAt(int panel, int digit) {
        return 4L * (digits * panel + digit) * x.lanes();
    }

    /** Multiplies some rows of a weight with a panel, of which so many lanes are used. */
    void multiply(int weight, WeightTensor w, int panel, int row, int rows, int used, MemorySegment y, long yAt,
            int worker) {
        int lanes = x.lanes();
        if (digits == 1) {
            multiply(weight, w, panel, 0, row, rows, lanes, used, y, yAt);
        } else if (isSideBySide()) {
            MemorySegment both = workspace.scratch(worker, 2 * rows * lanes).segment();
            multiply(weight, w, panel, 0, row, rows, 2 * lanes, lanes + used, both, 0);
            floats.fold(both, 0, lanes, rows, y, yAt);
        } else {
            MemorySegment second = workspace.scratch(worker, rows * lanes).segment();
            multiply(weight, w, panel, 0, row, rows, lanes, used, y, yAt);
            multiply(weight, w, panel, 1, row, rows, lanes, used, second, 0);
            floats.add(y, yAt, lanes, rows, used, null, 0, second, 0);
        }
    }

    private void multiply(int weight, WeightTensor w, int panel, int digit, int row, int rows, int lanes, int used,
            MemorySegment y, long yAt) {
        kernels.gemm(w.data(), (long) row * depth, depth, rows, depth, w.scales().data(), 4L * row,
                knownOfWeights[weight], ByteKernels.ROW_BYTES * row, packed, packedAt(panel, digit), scales.segment(),
                scalesAt(panel, digit), lanes, used, y, yAt);
    }
}
