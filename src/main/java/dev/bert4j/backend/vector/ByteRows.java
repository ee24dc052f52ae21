package dev.bert4j.backend.vector;

import static dev.bert4j.backend.vector.NativeRows.floats;

import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
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
    /** Sums of the rows of each weight, made when it is first used. */
    private final Map<WeightTensor, int[]> sums;
    private final Workspace workspace;
    private Panels x;
    private int depth;
    private int packedBytes;
    /** Of each panel the bytes that come first, and then those that come second. */
    private byte[] packed = new byte[0];
    private float[] scales = new float[0];
    private int[][] sumsOfWeights = new int[1][];

    ByteRows(ByteKernels kernels, FloatKernels floats, int digits, Map<WeightTensor, int[]> sums,
            Workspace workspace) {
        this.kernels = kernels;
        this.floats = floats;
        this.digits = digits;
        this.sums = sums;
        this.workspace = workspace;
    }

    /** The instructions. */
    String name() {
        return kernels.name();
    }

    /** Begins products; every panel is to be packed next. */
    void begin(Panels input, LinearWeights[] weights) {
        x = input;
        depth = weights[0].in();
        packedBytes = Math.toIntExact(ByteKernels.packedBytes(depth, x.lanes()));
        int parts = digits * x.count();
        int all = Math.multiplyExact(packedBytes, parts);
        packed = packed.length < all ? new byte[all] : packed;
        scales = scales.length < parts * x.lanes() ? new float[parts * x.lanes()] : scales;
        sumsOfWeights = sumsOfWeights.length < weights.length ? new int[weights.length][] : sumsOfWeights;
        for (int i = 0; i < weights.length; i++) {
            sumsOfWeights[i] = sums(((CpuParameter) weights[i].weight()).tensor(), weights[i].out());
        }
    }

    private int[] sums(WeightTensor weight, int rows) {
        synchronized (sums) {
            return sums.computeIfAbsent(weight, w -> kernels.sums(w.data(), depth, rows, depth));
        }
    }

    void pack(int panel, int worker) {
        int lanes = x.lanes();
        MemorySegment values = floats(x.values(), x.at(panel, 0));
        if (digits == 1) {
            kernels.pack(values, depth, lanes, packed(panel, 0), scales(panel, 0));
        } else if (isSideBySide()) {
            MemorySegment both = floats(workspace.scratch(worker, 2 * depth * lanes), 0);
            floats.withRest(values, depth, lanes, both);
            kernels.pack(both, depth, 2 * lanes, packed(panel, 0), scales(panel, 0));
        } else {
            MemorySegment rest = floats(workspace.scratch(worker, depth * lanes), 0);
            floats.rest(values, depth, lanes, rest);
            kernels.pack(values, depth, lanes, packed(panel, 0), scales(panel, 0));
            kernels.pack(rest, depth, lanes, packed(panel, 1), scales(panel, 1));
        }
    }

    /**
     * Whether the two bytes of a token lie in two lanes of one panel, so that weights are read once for both. Panels of
     * more lanes than this would not stay in the first-level cache.
     */
    private boolean isSideBySide() {
        return digits == 2 && 2 * x.lanes() <= MOST_LANES;
    }

    private MemorySegment packed(int panel, int digit) {
        return MemorySegment.ofArray(packed).asSlice((long) (digits * panel + digit) * packedBytes);
    }

    private MemorySegment scales(int panel, int digit) {
        return floats(scales, (digits * panel + digit) * x.lanes());
    }

    /** Multiplies some rows of a weight with a panel, of which so many lanes are used. */
    void multiply(int weight, WeightTensor w, int panel, int row, int rows, int used, MemorySegment y, int worker) {
        int lanes = x.lanes();
        if (digits == 1) {
            multiply(weight, w, panel, 0, row, rows, lanes, used, y);
        } else if (isSideBySide()) {
            MemorySegment both = floats(workspace.scratch(worker, 2 * rows * lanes), 0);
            multiply(weight, w, panel, 0, row, rows, 2 * lanes, lanes + used, both);
            floats.fold(both, lanes, rows, y);
        } else {
            MemorySegment second = floats(workspace.scratch(worker, rows * lanes), 0);
            multiply(weight, w, panel, 0, row, rows, lanes, used, y);
            multiply(weight, w, panel, 1, row, rows, lanes, used, second);
            floats.add(y, lanes, rows, used, null, second);
        }
    }

    private void multiply(int weight, WeightTensor w, int panel, int digit, int row, int rows, int lanes, int used,
            MemorySegment y) {
        kernels.gemm(w.data().asSlice((long) row * depth), depth, rows, depth, w.scales().data().asSlice(4L * row),
                MemorySegment.ofArray(sumsOfWeights[weight]).asSlice(4L * row), packed(panel, digit),
                scales(panel, digit), lanes, used, y);
    }
}
