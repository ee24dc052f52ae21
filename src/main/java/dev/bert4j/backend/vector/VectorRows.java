package dev.bert4j.backend.vector;

import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** {@link RowProduct} with the Vector API. */
final class VectorRows implements RowProduct {
    /** A multiple of the rows of every tile, four, six or eight, where panels of one vector and of two meet. */
    private static final int EVERY_TILE = VectorKernels.MANY_REGISTERS ? 24 : 12;
    /** A multiple of the rows of every tile of {@link PanelGemm}, which multiplies rows that were widened. */
    private static final int WIDENED_TILE = 8;

    private final WidenedRows[] widened;
    private Kernels kernels;
    private LinearWeights[] linears;
    private Panels x;
    private Panels[] ys;
    private int depth;

    VectorRows(Workspace workspace, int workers) {
        widened = new WidenedRows[workers];
        for (int worker = 0; worker < workers; worker++) {
            widened[worker] = new WidenedRows(workspace, worker);
        }
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
        return Float.BYTES * (inPlace() ? depth : WidenedRows.values(1, depth));
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
    public boolean readsOnce() {
        return inPlace() || x.count() == 1;
    }

    @Override
    public void rows(int weight, int row, int rows, int worker) {
        if (!inPlace() && x.count() > 1) {
            widened[worker].widen(kernels, weight(weight), row, rows, depth);
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
            return;
        }
        PanelGemm gemm = kernels.widenedGemm().of(vectors, lanes);
        if (x.count() > 1) {
            widened[worker].accumulate(gemm, rows, depth, x.values(), x.at(panel, 0), lanes, y.values(), at);
            return;
        }
        // While they are in the nearer caches: as many as are copied at once.
        int most = Math.max(Workspace.STAGING / depth / bytes(weight) / WIDENED_TILE, 1) * WIDENED_TILE;
        for (int first = 0; first < rows; first += most) {
            int some = Math.min(most, rows - first);
            widened[worker].widen(kernels, weight(weight), row + first, some, depth);
            widened[worker].accumulate(gemm, some, depth, x.values(), x.at(panel, 0), lanes, y.values(),
                    at + first * lanes);
        }
    }

    private int bytes(int weight) {
        return weight(weight).tensor().dtype().bits() / Byte.SIZE;
    }
}
