package dev.bert4j.backend.vector;

import dev.bert4j.backend.nativecpu.SplitKernels;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Products of fp32 as two numbers of bf16 each. Rows of weights are taken apart by the worker that multiplies them
 * next, panels once for all workers.
 */
final class SplitRows {
    /** Rows of weights that a tile of few tokens has. */
    static final int TILE = 64;

    private final SplitKernels kernels;
    private final MemorySegment[] rows;
    private MemorySegment panels = MemorySegment.NULL;
    private Panels x;
    private int depth;
    private long packedBytes;

    SplitRows(SplitKernels kernels, int workers) {
        this.kernels = kernels;
        rows = new MemorySegment[workers];
        Arrays.fill(rows, MemorySegment.NULL);
    }

    /** Begins products; every panel is to be packed next. */
    void begin(Panels input, int features) {
        x = input;
        depth = features;
        packedBytes = SplitKernels.packedBytes(x.lanes(), depth);
        panels = Workspace.aligned(panels, packedBytes * x.count());
    }

    void pack(int panel) {
        kernels.pack(x.floats().segment(), 4L * x.at(panel, 0), depth, x.lanes(), panels, panel * packedBytes);
    }

    /** These rows are what a worker multiplies next. */
    void split(MemorySegment w, int row, int count, int worker) {
        rows[worker] = Workspace.aligned(rows[worker], SplitKernels.packedBytes(count, depth));
        kernels.split(w, 4L * row * depth, 4L * depth, count, depth, rows[worker], 0);
    }

    void multiply(int panel, int count, int used, MemorySegment y, long yAt, int worker) {
        kernels.gemm(rows[worker], 0, count, depth, panels, panel * packedBytes, x.lanes(), used, y, yAt);
    }
}
