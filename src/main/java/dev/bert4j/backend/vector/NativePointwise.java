package dev.bert4j.backend.vector;

import static dev.bert4j.backend.vector.NativeRows.floats;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.nativecpu.FloatKernels;
import java.lang.foreign.MemorySegment;

/** What surrounds the products in C, with the same bits; functions that are rare are left to the Vector API. */
final class NativePointwise implements Pointwise, Norm {
    private final FloatKernels natives;
    private final Kernels others;

    NativePointwise(FloatKernels natives, Kernels others) {
        this.natives = natives;
        this.others = others;
    }

    @Override
    public void activate(float[] y, int at, int step, int rows, int vectors, float[] bias, int biasAt,
            ActivationFunction f) {
        int used = vectors * others.vectorLanes();
        switch (f) {
            case LINEAR -> natives.add(floats(y, at), step, rows, used, orNull(bias, biasAt), null);
            case GELU -> natives.gelu(floats(y, at), step, rows, used, orNull(bias, biasAt));
            default -> others.activation(f).activate(y, at, step, rows, vectors, bias, biasAt, f);
        }
    }

    @Override
    public void addResidual(float[] y, int at, int step, int rows, int vectors, float[] bias, int biasAt,
            float[] residual, int residualAt) {
        natives.add(floats(y, at), step, rows, vectors * others.vectorLanes(), orNull(bias, biasAt),
                floats(residual, residualAt));
    }

    @Override
    public void normalize(float[] x, int xAt, float[] y, int yAt, int step, int features, int vectors, float[] weight,
            float[] bias, float eps, float[] scratch) {
        natives.norm(floats(x, xAt), floats(y, yAt), step, features, vectors * others.vectorLanes(),
                MemorySegment.ofArray(weight), MemorySegment.ofArray(bias), eps);
    }

    static MemorySegment orNull(float[] values, int at) {
        return values == null ? null : floats(values, at);
    }
}
