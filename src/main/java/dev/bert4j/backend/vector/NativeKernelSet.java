package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.nativecpu.FloatKernels;

/**
 * The kernels of the Vector API with what is in C for the most part. Those of the Vector API are made when one is
 * needed: an ordinary BERT never needs any, and its first answer comes the sooner.
 */
final class NativeKernelSet implements Kernels {
    private final int bits;
    private final NativePointwise pointwise;
    private final NativeWidening widening;
    private volatile Kernels others;

    NativeKernelSet(int bits, FloatKernels natives) {
        this.bits = bits;
        pointwise = new NativePointwise(natives, this);
        widening = new NativeWidening(natives, this);
    }

    /** Those of the Vector API. */
    Kernels others() {
        Kernels made = others;
        if (made == null) {
            made = Kernels.of(bits);
            others = made;
        }
        return made;
    }

    @Override
    public int bits() {
        return bits;
    }

    @Override
    public Products<Gemm> mapped() {
        return others().mapped();
    }

    @Override
    public Products<Gemm> memory() {
        return others().memory();
    }

    @Override
    public Products<Gemm> bf16() {
        return others().bf16();
    }

    @Override
    public Products<PanelGemm> panelGemm() {
        return others().panelGemm();
    }

    @Override
    public Products<PanelGemm> widenedGemm() {
        return others().widenedGemm();
    }

    @Override
    public Pointwise pointwise() {
        return pointwise;
    }

    @Override
    public ActivationKernel activation(ActivationFunction f) {
        return pointwise;
    }

    @Override
    public Norm norm() {
        return pointwise;
    }

    @Override
    public Softmax softmax() {
        return others().softmax();
    }

    @Override
    public Widening widening() {
        return widening;
    }
}
