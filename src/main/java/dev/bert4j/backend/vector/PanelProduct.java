package dev.bert4j.backend.vector;

import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Workers;
import java.lang.foreign.MemorySegment;

/** The product of token panels and a weight, split among the workers and into blocks for the caches. */
final class PanelProduct {
    /** Weight rows that a part of a product takes. */
    private static final int ROWS = 96;
    /** Bytes of weights that are multiplied with all panels before the next: they stay in the second-level cache. */
    private static final long BLOCK = 288 << 10;
    /** A multiple of the rows of every tile. */
    private static final int TILE = 24;
    /** Parts of a product for each thread, so that one that is held up does not hold up the others. */
    private static final int PARTS_PER_THREAD = 4;

    private final Workers workers;
    private final Workspace workspace;
    private final Kernels kernels;

    PanelProduct(Workers workers, Workspace workspace, Kernels kernels) {
        this.workers = workers;
        this.workspace = workspace;
        this.kernels = kernels;
    }

    /** What is done with finished rows of a panel while they are in the cache. */
    @FunctionalInterface
    interface Epilogue {
        void apply(int panel, int row, int rows, MemorySegment block, MemorySegment bias);
    }

    /** Puts the product into y and has each part finished while it is in the cache. */
    void run(Panels x, LinearWeights linear, Panels y, Epilogue epilogue) {
        MemorySegment bias = linear.bias() == null ? null : floats(linear.bias());
        int parts = workers.threads() * PARTS_PER_THREAD;
        int rowsEach = Math.clamp(roundUp(Math.ceilDiv(linear.out(), parts)), TILE, ROWS);
        // A block is used again for every panel, or was just widened, and is small enough to be in the cache then; one
        // that is read once, where it lies, need not be.
        int cached = Math.clamp(roundUp((int) (BLOCK / ((long) linear.in() * Float.BYTES)) - TILE + 1), TILE, ROWS);
        boolean once = y.count() == 1 && ((CpuParameter) linear.weight()).hasFloats();
        int rowsAtOnce = once ? ROWS : cached;
        workers.run(Math.ceilDiv(linear.out(), rowsEach), (part, worker) -> {
            int end = Math.min((part + 1) * rowsEach, linear.out());
            for (int row = part * rowsEach; row < end; row += rowsAtOnce) {
                int rows = Math.min(rowsAtOnce, end - row);
                multiply(linear, row, rows, x, y, worker);
                MemorySegment rowBias = bias == null ? null : bias.asSlice((long) row * Float.BYTES);
                for (int panel = 0; panel < y.count(); panel++) {
                    epilogue.apply(panel, row, rows, y.rows(panel, row, rows), rowBias);
                }
            }
        });
    }

    private static int roundUp(int rows) {
        return Math.ceilDiv(Math.max(rows, 1), TILE) * TILE;
    }

    /** The product of some rows of the weight and all panels: in place, or from a widened copy of the rows. */
    private void multiply(LinearWeights linear, int row, int rows, Panels x, Panels y, int worker) {
        CpuParameter weight = (CpuParameter) linear.weight();
        int depth = linear.in();
        long rowStep = (long) depth * Float.BYTES;
        MemorySegment w;
        if (weight.hasFloats()) {
            w = weight.floats().asSlice(row * rowStep);
        } else {
            w = workspace.scratch(worker, rows * rowStep);
            weight.copyTo((long) row * depth, w, (long) rows * depth);
        }
        Kernels.Product product = w.isMapped() ? kernels.mapped() : kernels.memory();
        for (int panel = 0; panel < y.count(); panel++) {
            MemorySegment block = y.rows(panel, row, rows);
            block.fill((byte) 0);
            product.gemm(y.vectors(panel)).accumulate(w, rowStep, Float.BYTES, rows, depth, x.rows(panel, 0, depth),
                    block, y.laneBytes());
        }
    }

    /** A vector as it is used: fp32 in memory. */
    static MemorySegment floats(Parameter vector) {
        return ((CpuParameter) vector).floats();
    }
}
