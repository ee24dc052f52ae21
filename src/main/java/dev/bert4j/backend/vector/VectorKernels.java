package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jdk.incubator.vector.FloatVector;

/**
 * The kernels of the Vector API.
 *
 * @param normal activations made of the normal distribution
 * @param logistic activations made of the logistic function
 * @param tanh activations made of the hyperbolic tangent
 */
record VectorKernels(int bits, Products<Gemm> mapped, Products<Gemm> memory, Products<Gemm> bf16,
        Products<PanelGemm> panelGemm, Products<PanelGemm> widenedGemm, Pointwise pointwise, ActivationKernel normal,
        ActivationKernel logistic, ActivationKernel tanh, Norm norm, Softmax softmax, Widening widening)
        implements Kernels {
    /** A machine that prefers vectors of 512 bits has 32 registers for those of any width, others may have 16. */
    static final boolean MANY_REGISTERS = FloatVector.SPECIES_PREFERRED.vectorBitSize() == 512;

    private static final Map<Integer, VectorKernels> BY_BITS = new ConcurrentHashMap<>();

    /** The kernels of a width; all models share them, so that the JIT compiles them once. */
    static VectorKernels of(int bits) {
        VectorKernels kernels = BY_BITS.get(bits);
        return kernels != null ? kernels : BY_BITS.computeIfAbsent(bits, VectorKernels::define);
    }

    private static VectorKernels define(int bits) {
        Class<? extends Gemm> single = MANY_REGISTERS ? GemmEight.class : GemmSingle.class;
        return new VectorKernels(bits, new Products<>(Gemm.class, single, GemmPair.class, bits, 0),
                new Products<>(Gemm.class, single, GemmPair.class, bits, 0),
                new Products<>(Gemm.class, Bf16GemmSingle.class, Bf16GemmPair.class, bits, 0),
                new Products<>(PanelGemm.class, PanelGemmSingle.class, PanelGemmPair.class, bits, 0),
                new Products<>(PanelGemm.class, PanelGemmSingle.class, PanelGemmPair.class, bits, WidenedRows.STEP),
                Width.define(PointwiseKernel.class, Pointwise.class, bits),
                Width.define(NormalKernel.class, ActivationKernel.class, bits),
                Width.define(LogisticKernel.class, ActivationKernel.class, bits),
                Width.define(TanhKernel.class, ActivationKernel.class, bits),
                Width.define(NormKernel.class, Norm.class, bits),
                Width.define(SoftmaxKernel.class, Softmax.class, bits),
                Width.define(WideningKernel.class, Widening.class, bits));
    }

    @Override
    public ActivationKernel activation(ActivationFunction f) {
        return switch (f) {
            case LINEAR, RELU, RELU2, RELU6 -> pointwise;
            case GELU, GELU_10, LAPLACE -> normal;
            case SIGMOID, SILU, QUICK_GELU, GELU_NEW, GELU_ACCURATE, GELU_PYTORCH_TANH, GELU_FAST -> logistic;
            case TANH, MISH -> tanh;
        };
    }
}
