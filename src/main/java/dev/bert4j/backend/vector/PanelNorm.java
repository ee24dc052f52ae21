package dev.bert4j.backend.vector;

import dev.bert4j.backend.NormWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Workers;

/** Layer normalisation, a panel for a part. */
final class PanelNorm implements Workers.Task {
    private final Workers workers;
    private final Workspace workspace;
    private Kernels kernels;
    private Panels x;
    private Panels y;
    private NormWeights norm;

    PanelNorm(Workers workers, Workspace workspace) {
        this.workers = workers;
        this.workspace = workspace;
    }

    /** Normalises x into y, which may be x. */
    void run(Kernels with, Panels input, Panels output, NormWeights weights) {
        kernels = with;
        x = input;
        y = output;
        norm = weights;
        workers.runNeighbours(y.count(), this);
    }

    @Override
    public void run(int panel, int worker) {
        kernels.norm().normalize(x.floats(), x.at(panel, 0), y.floats(), y.at(panel, 0), y.lanes(), y.features(),
                y.vectors(panel, kernels.vectorLanes()), ((CpuParameter) norm.weight()).vector(),
                ((CpuParameter) norm.bias()).vector(), norm.eps(),
                workspace.scratch(worker, Norm.SCRATCH_VECTORS * kernels.vectorLanes()));
    }
}
