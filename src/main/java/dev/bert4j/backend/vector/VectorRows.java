package dev.bert4j.backend.vector;

import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** {@link RowProduct} with the Vector API. */
final class VectorRows implements RowProduct {
    /** A multiple of the rows of every tile, where panels of one vector and of two meet. */
    private static final int EVERY_TILE = 12;

    private final Workspace workspace;
    private final float[][] widened;
    private Kernels kernels;
    private Panels x;
    private Panels y;
    private int depth;
    private CpuParameter weight;

    VectorRows(Workspace workspace, int workers) {
        this.workspace = workspace;
        widened = new float[workers][];
    }

    @Override
    public void begin(Kernels with, Panels input, LinearWeights linear, Panels output) {
        kernels = with;
        x = input;
        y = output;
        depth = linear.in();
        weight = (CpuParameter) linear.weight();
    }

    @Override
    public int rowBytes() {
        return Float.BYTES * depth;
    }

    @Override
    public int tileRows() {
        return y.count() > 1 ? EVERY_TILE
                : kernels.mapped().of(y.vectors(0, kernels.vectorLanes()), y.lanes()).tileRows();
    }

    @Override
    public boolean inPlace() {
        return weight.floats() != null;
    }

    @Override
    public void rows(int row, int rows, int worker) {
        if (!inPlace()) {
            widened[worker] = workspace.scratch(worker, rows * depth);
            kernels.widening().widen(weight.tensor(), row, rows, widened[worker], workspace.staging(worker));
        }
    }

    @Override
    public void multiply(int panel, int row, int rows, int vectors, int worker) {
        MemorySegment inPlace = weight.floats();
        int lanes = y.lanes();
        int at = y.at(panel, row);
        Arrays.fill(y.values(), at, at + rows * lanes, 0);
        if (inPlace != null) {
            (inPlace.isMapped() ? kernels.mapped() : kernels.memory()).of(vectors, lanes).accumulate(inPlace,
                    4L * row * depth, 4L * depth, rows, depth, x.values(), x.at(panel, 0), y.values(), at);
        } else {
            kernels.panelGemm().of(vectors, lanes).accumulateRows(widened[worker], 0, depth, rows, depth, x.values(),
                    x.at(panel, 0), y.values(), at);
        }
    }
}
