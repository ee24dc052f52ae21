package dev.bert4j.backend.vector;

import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** {@link RowProduct} with the Vector API. */
final class VectorRows implements RowProduct {
    /** A multiple of the rows of every tile, three to eight, where panels of one vector and of two meet. */
    private static final int EVERY_TILE = VectorKernels.MANY_REGISTERS ? 24 : 12;
    /** A multiple of the rows of every tile of {@link PanelGemm}, which multiplies rows that were widened. */
    private static final int WIDENED_TILE = 8;

    private final WidenedRows[] widened;
    private Kernels kernels;
    private LinearWeights[] linears;
    private Panels x;
    private Panels[] ys;
    private int depth;
    /** Whether all weights are of bf16 in mapped files, which are widened where they are multiplied. */
    private boolean bf16InPlace;

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
        bf16InPlace = true;
        for (int i = 0; i < weights.length; i++) {
            WeightTensor tensor = weight(i).tensor();
            bf16InPlace &= tensor.dtype() == DType.BF16 && tensor.data().isMapped();
        }
    }

    private CpuParameter weight(int number) {
        return (CpuParameter) linears[number].weight();
    }

    @Override
    public int rowBytes() {
        return bf16InPlace ? Short.BYTES * depth
                : Float.BYTES * (inPlace() ? depth : WidenedRows.values(1, depth));
    }

    @Override
    public int tileRows() {
        if (!inPlace()) {
            return WIDENED_TILE;
        }
        Products<Gemm> products = bf16InPlace ? kernels.bf16() : kernels.mapped();
        return x.count() > 1 ? EVERY_TILE : products.of(x.vectors(0, kernels.vectorLanes()), x.lanes()).tileRows();
    }

    @Override
    public boolean inPlace() {
        return bf16InPlace || weight(0).floats() != null;
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
        MemorySegment floats = weight(weight).floats();
        Panels y = ys[weight];
        int lanes = y.lanes();
        int at = y.at(panel, row);
        int xAt = x.at(panel, 0);
        Arrays.fill(y.values(), at, at + rows * lanes, 0);
        if (bf16InPlace) {
            kernels.bf16().of(vectors, lanes).accumulate(weight(weight).tensor().data(), 2L * row * depth, 2L * depth,
                    rows, depth, x.values(), xAt, y.values(), at);
        } else if (floats != null) {
            (floats.isMapped() ? kernels.mapped() : kernels.memory()).of(vectors, lanes).accumulate(floats,
                    4L * row * depth, 4L * depth, rows, depth, x.values(), xAt, y.values(), at);
        } else if (x.count() > 1) {
            widened[worker].accumulate(kernels.widenedGemm().of(vectors, lanes), rows, depth, x.values(), xAt, lanes,
                    y.values(), at);
        } else {
            multiplySome(weight, row, rows, kernels.widenedGemm().of(vectors, lanes), y, at, worker);
        }
    }

    /**
     * With the only panel, some rows at a time, while they are in the nearer caches: as many as are copied at once, and
     * no more than four times as many bytes when they are widened.
     */
    private void multiplySome(int weight, int row, int rows, PanelGemm gemm, Panels y, int at, int worker) {
        int bytes = weight(weight).tensor().dtype().bits() / Byte.SIZE;
        int most = Workspace.STAGING / Math.max(depth * bytes, WidenedRows.values(1, depth));
        most = Math.max(most / WIDENED_TILE, 1) * WIDENED_TILE;
        for (int first = 0; first < rows; first += most) {
            int some = Math.min(most, rows - first);
            widened[worker].widen(kernels, weight(weight), row + first, some, depth);
            widened[worker].accumulate(gemm, some, depth, x.values(), x.at(0, 0), y.lanes(), y.values(),
                    at + first * y.lanes());
        }
    }
}
