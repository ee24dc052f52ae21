package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The product of token panels and a weight, split among the workers and into blocks for the caches. What follows a
 * product is done with each block while it is in the cache.
 */
final class PanelProduct implements Workers.Task {
    /** Bytes of weights that are multiplied with all panels before the next: they stay in the second-level cache. */
    private static final int BLOCK = 264 << 10;
    /** A multiple of the rows of every tile, where panels of one vector and of two meet. */
    private static final int EVERY_TILE = 12;
    /** Parts of a product for each thread, so that one that is held up does not hold up the others. */
    private static final int PARTS_PER_THREAD = 4;

    private final Workers workers;
    private final Workspace workspace;
    private Kernels kernels;
    private LinearWeights linear;
    private Panels x;
    private Panels y;
    private Panels residual;
    private ActivationFunction f;
    private int rowsEach;

    PanelProduct(Workers workers, Workspace workspace) {
        this.workers = workers;
        this.workspace = workspace;
    }

    /** {@code y = f(x·Wᵀ + b)}; with a residual, {@code y = x·Wᵀ + b + residual}. */
    void run(Kernels with, Panels input, LinearWeights weights, Panels output, ActivationFunction function,
            Panels added) {
        kernels = with;
        x = input;
        linear = weights;
        y = output;
        f = function;
        residual = added;
        rowsEach = rowsEach();
        workers.run(Math.ceilDiv(linear.out(), rowsEach), this);
    }

    /**
     * Rows of weights for a part: an odd number of tiles. The rows of a tile lie that number apart, and where that is a
     * multiple of four kilobytes, all of them want the same lines of the first-level cache.
     */
    private int rowsEach() {
        int vectors = y.vectors(0, kernels.vectorLanes());
        int tile = y.count() > 1 ? EVERY_TILE : kernels.mapped().of(vectors, y.lanes()).tileRows();
        int rows = Math.min(BLOCK / Float.BYTES / linear.in(),
                Math.ceilDiv(linear.out(), workers.threads() * PARTS_PER_THREAD));
        int tiles = Math.max(rows / tile, 1);
        return tile * (tiles - 1 | 1);
    }

    @Override
    public void run(int part, int worker) {
        int row = part * rowsEach;
        int rows = Math.min(rowsEach, linear.out() - row);
        int depth = linear.in();
        int lanes = y.lanes();
        CpuParameter weight = (CpuParameter) linear.weight();
        MemorySegment inPlace = weight.floats();
        float[] widened = null;
        if (inPlace == null) {
            widened = workspace.scratch(worker, rows * depth);
            kernels.widening().widen(weight.tensor(), row, rows, widened, workspace.staging(worker));
        }
        for (int panel = 0; panel < y.count(); panel++) {
            int vectors = y.vectors(panel, kernels.vectorLanes());
            int at = y.at(panel, row);
            Arrays.fill(y.values(), at, at + rows * lanes, 0);
            if (inPlace != null) {
                (inPlace.isMapped() ? kernels.mapped() : kernels.memory()).of(vectors, lanes).accumulate(inPlace,
                        4L * row * depth, 4L * depth, rows, depth, x.values(), x.at(panel, 0), y.values(), at);
            } else {
                kernels.panelGemm().of(vectors, lanes).accumulateRows(widened, 0, depth, rows, depth, x.values(),
                        x.at(panel, 0), y.values(), at);
            }
            finish(panel, row, rows, vectors);
        }
    }

    /** What follows the product. */
    private void finish(int panel, int row, int rows, int vectors) {
        int at = y.at(panel, row);
        float[] bias = linear.bias() == null ? null : ((CpuParameter) linear.bias()).vector();
        if (residual != null) {
            kernels.pointwise().addResidual(y.values(), at, y.lanes(), rows, vectors, bias, row, residual.values(),
                    residual.at(panel, row));
        } else {
            kernels.activation(f).activate(y.values(), at, y.lanes(), rows, vectors, bias, row, f);
        }
    }
}
