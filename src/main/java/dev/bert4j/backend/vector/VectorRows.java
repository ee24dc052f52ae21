package dev.bert4j.backend.vector;

import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** {@link RowProduct} with the Vector API. */
final class VectorRows implements RowProduct {
    /** A multiple of the rows of every tile, four, six or eight, where panels of one vector and of two meet. */
    private static final int EVERY_TILE = VectorKernels.MANY_REGISTERS ? 24 : 12;
    /** A multiple of the rows of every tile of {@link PanelGemm}, which multiplies rows that were widened. */
    private static final int WIDENED_TILE = 8;

    private final Workspace workspace;
    private final Floats[] widened;
    private Kernels kernels;
    private LinearWeights[] linears;
    private Panels x;
    private Panels[] ys;
    private int depth;

    VectorRows(Workspace workspace, int workers) {
        this.workspace = workspace;
        widened = new Floats[workers];
    }

    @Override
    public void begin(Kernels with, Panels input, LinearWeights[] weights, Panels[] outputs) {
        kernels = with;
        linears = weights;
        x = input;
        ys = outputs;
        depth = weights[0].in();
    }

    private CpuParameter weight(int number) {
        return (CpuParameter) linears[number].weight();
    }

    @Override
    public int rowBytes() {
        return Float.BYTES * depth;
    }

    @Override
    public int tileRows() {
        if (!inPlace()) {
            return WIDENED_TILE;
        }
        return x.count() > 1 ? EVERY_TILE
                : kernels.mapped().of(x.vectors(0, kernels.vectorLanes()), x.lanes()).tileRows();
    }

    @Override
    public boolean inPlace() {
        return weight(0).floats() != null;
    }

    @Override
    public void rows(int weight, int row, int rows, int worker) {
        if (!inPlace()) {
            widened[worker] = workspace.scratch(worker, rows * depth);
            kernels.widening().widen(weight(weight), row, rows, widened[worker], workspace.staging(worker));
        }
    }

    @Override
    public void multiply(int weight, int panel, int next, int row, int rows, int vectors, int worker) {
        MemorySegment inPlace = weight(weight).floats();
        Panels y = ys[weight];
        int lanes = y.lanes();
        int at = y.at(panel, row);
        Arrays.fill(y.values(), at, at + rows * lanes, 0);
        if (inPlace != null) {
            (inPlace.isMapped() ? kernels.mapped() : kernels.memory()).of(vectors, lanes).accumulate(inPlace,
                    4L * row * depth, 4L * depth, rows, depth, x.values(), x.at(panel, 0), y.values(), at);
        } else {
            kernels.panelGemm().of(vectors, lanes).accumulateRows(widened[worker].values(), 0, depth, rows, depth,
                    x.values(), x.at(panel, 0), y.values(), at);
        }
    }
}
