package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.nativecpu.FloatKernels;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kernels at one vector width.
 *
 * @param bits the width
 * @param mapped the matrix product with weights in a mapped file
 * @param memory the matrix product with weights in native memory
 * @param panelGemm the matrix product with what lies on the heap: keys, values, weights that were widened
 * @param pointwise what follows a product element by element
 * @param normal activations made of the normal distribution
 * @param logistic activations made of the logistic function
 * @param tanh activations made of the hyperbolic tangent
 * @param norm layer normalisation
 * @param softmax the parts of attention between its two products
 * @param widening floats of weights that are stored in fewer bits
 */
record Kernels(int bits, Products<Gemm> mapped, Products<Gemm> memory, Products<PanelGemm> panelGemm,
        Pointwise pointwise, ActivationKernel normal, ActivationKernel logistic, ActivationKernel tanh, Norm norm,
        Softmax softmax, Widening widening) {
    private static final Map<Integer, Kernels> BY_BITS = new ConcurrentHashMap<>();

    /** The kernels of a width; all models share them, so that the JIT compiles them once. */
    static Kernels of(int bits) {
        Kernels kernels = BY_BITS.get(bits);
        return kernels != null ? kernels : BY_BITS.computeIfAbsent(bits, Kernels::define);
    }

    private static Kernels define(int bits) {
        return new Kernels(bits, new Products<>(Gemm.class, GemmSingle.class, GemmPair.class, bits),
                new Products<>(Gemm.class, GemmSingle.class, GemmPair.class, bits),
                new Products<>(PanelGemm.class, PanelGemmSingle.class, PanelGemmPair.class, bits),
                Width.define(PointwiseKernel.class, Pointwise.class, bits),
                Width.define(NormalKernel.class, ActivationKernel.class, bits),
                Width.define(LogisticKernel.class, ActivationKernel.class, bits),
                Width.define(TanhKernel.class, ActivationKernel.class, bits),
                Width.define(NormKernel.class, Norm.class, bits),
                Width.define(SoftmaxKernel.class, Softmax.class, bits),
                Width.define(WideningKernel.class, Widening.class, bits));
    }

    /** The same with what is in C for the most part. */
    Kernels withNatives(FloatKernels natives) {
        NativePointwise pointwiseInC = new NativePointwise(natives, this);
        return new Kernels(bits, mapped, memory, panelGemm, pointwiseInC, pointwiseInC, logistic, tanh, pointwiseInC,
                softmax, new NativeWidening(natives, widening));
    }

    /** The kernel that computes a function. */
    ActivationKernel activation(ActivationFunction f) {
        return switch (f) {
            case LINEAR, RELU, RELU2, RELU6 -> pointwise;
            case GELU, GELU_10, LAPLACE -> normal;
            case SIGMOID, SILU, QUICK_GELU, GELU_NEW, GELU_ACCURATE, GELU_PYTORCH_TANH, GELU_FAST -> logistic;
            case TANH, MISH -> tanh;
        };
    }

    int vectorLanes() {
        return bits / Float.SIZE;
    }
}
