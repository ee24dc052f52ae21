package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.Floats.segmentOrNull;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.nativecpu.FloatKernels;

/** What surrounds the products in C, with the same bits; functions that are rare are left to the Vector API. */
final class NativePointwise implements Pointwise, Norm {
    private final FloatKernels natives;
    private final NativeKernelSet kernels;

    NativePointwise(FloatKernels natives, NativeKernelSet kernels) {
        this.natives = natives;
        this.kernels = kernels;
    }

    @Override
    public void activate(Floats y, int at, int step, int rows, int vectors, Floats bias, int biasAt,
            ActivationFunction f) {
        int used = vectors * kernels.vectorLanes();
        switch (f) {
            case LINEAR -> natives.add(y.segment(), 4L * at, step, rows, used, segmentOrNull(bias), 4L * biasAt, null,
                    0);
            case GELU -> natives.gelu(y.segment(), 4L * at, step, rows, used, segmentOrNull(bias), 4L * biasAt);
            case TANH -> natives.tanh(y.segment(), 4L * at, step, rows, used, segmentOrNull(bias), 4L * biasAt);
            default -> kernels.others().activation(f).activate(y, at, step, rows, vectors, bias, biasAt, f);
        }
    }

    @Override
    public void addResidual(Floats y, int at, int step, int rows, int vectors, Floats bias, int biasAt,
            Floats residual, int residualAt) {
        natives.add(y.segment(), 4L * at, step, rows, vectors * kernels.vectorLanes(), segmentOrNull(bias), 4L * biasAt,
                residual.segment(), 4L * residualAt);
    }

    @Override
    public void normalize(Floats x, int xAt, Floats y, int yAt, int step, int features, int vectors, Floats weight,
            Floats bias, float eps, Floats scratch) {
        natives.norm(x.segment(), 4L * xAt, y.segment(), 4L * yAt, step, features, vectors * kernels.vectorLanes(),
                weight.segment(), 0, bias.segment(), 0, eps);
    }
}
