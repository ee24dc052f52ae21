package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;

/** The kernels at one vector width. */
interface Kernels {
    /** The width. */
    int bits();

    /** The matrix product with weights in a mapped file. */
    Products<Gemm> mapped();

    /** The matrix product with weights in native memory. */
    Products<Gemm> memory();

    /** The matrix product with weights of bf16 in a mapped file. */
    Products<Gemm> bf16();

    /** The matrix product with keys and values, which lie on the heap. */
    Products<PanelGemm> panelGemm();

    /** The matrix product with {@linkplain WidenedRows rows that were widened}, on the heap. */
    Products<PanelGemm> widenedGemm();

    /** What follows a product element by element. */
    Pointwise pointwise();

    /** The kernel that computes a function. */
    ActivationKernel activation(ActivationFunction f);

    /** Layer normalisation. */
    Norm norm();

    /** The parts of attention between its two products. */
    Softmax softmax();

    /** Floats of weights that are stored in fewer bits. */
    Widening widening();

    /** Those of the Vector API; all models share them. */
    static Kernels of(int bits) {
        return VectorKernels.of(bits);
    }

    default int vectorLanes() {
        return bits() / Float.SIZE;
    }
}
