package dev.bert4j.backend.vector;

import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;

/**
 * Rows of weights that are stored in fewer bits, widened on the heap and multiplied with a token panel. They lie in
 * slices of so many columns that what a panel of eight tokens has of them fits the first-level cache, and a fixed
 * distance apart, which is a constant of the kernels.
 */
final class WidenedRows {
    /** Columns of a slice. */
    static final int SLICE = 768;
    /** Values from one row of a slice to the next: no power of two, for rows that are one are in each other's way. */
    static final int STEP = SLICE + 16;

    private final Workspace workspace;
    private final int worker;
    private Floats values;

    WidenedRows(Workspace workspace, int worker) {
        this.workspace = workspace;
        this.worker = worker;
    }

    /** Where a value of one of so many rows lies: row by row within a slice. */
    static int at(int row, int column, int rows, int slice, int step) {
        return (column / slice * rows + row) * step + column % slice;
    }

    /** Room for so many rows. */
    static int values(int rows, int depth) {
        return Math.ceilDiv(depth, SLICE) * rows * STEP;
    }

    /** Widens rows of a weight. */
    void widen(Kernels kernels, CpuParameter weight, int row, int rows, int depth) {
        values = workspace.scratch(worker, values(rows, depth));
        kernels.widening().widen(weight, row, rows, values, SLICE, STEP, workspace.staging(worker));
    }

    /** Adds their products with a panel to rows of another, as {@link Gemm}. */
    void accumulate(PanelGemm gemm, int rows, int depth, float[] x, int xAt, int lanes, float[] y, int yAt) {
        for (int column = 0; column < depth; column += SLICE) {
            gemm.accumulateRows(values.values(), at(0, column, rows, SLICE, STEP), STEP, rows,
                    Math.min(SLICE, depth - column), x, xAt + column * lanes, y, yAt);
        }
    }
}
