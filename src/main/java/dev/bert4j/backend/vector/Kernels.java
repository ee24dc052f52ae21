package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kernels at one vector width.
 *
 * @param bits the width
 * @param mapped the matrix product with weights that lie in a mapped file
 * @param memory the matrix product with what lies in native memory: widened weights, keys and values of a call
 * @param pointwise what follows a product element by element
 * @param normal activations made of the normal distribution
 * @param logistic activations made of the logistic function
 * @param tanh activations made of the hyperbolic tangent
 * @param norm layer normalisation
 * @param softmax the parts of attention between its two products
 */
record Kernels(int bits, Product mapped, Product memory, Pointwise pointwise, ActivationKernel normal,
        ActivationKernel logistic, ActivationKernel tanh, Norm norm, Softmax softmax) {
    private static final Map<Integer, Kernels> BY_BITS = new ConcurrentHashMap<>();
    private static final Map<Integer, Product> HEAP_BY_BITS = new ConcurrentHashMap<>();

    /**
     * The matrix product for panels of one vector and of two.
     *
     * @param single for one
     * @param pair for two
     */
    record Product(Gemm single, Gemm pair) {
        static Product of(int bits) {
            return new Product(Width.define(GemmSingle.class, Gemm.class, bits),
                    Width.define(GemmPair.class, Gemm.class, bits));
        }

        Gemm gemm(int vectors) {
            return vectors == 2 ? pair : single;
        }
    }

    /** The kernels of a width; all models share them, so that the JIT compiles them once. */
    static Kernels of(int bits) {
        Kernels kernels = BY_BITS.get(bits);
        return kernels != null ? kernels : BY_BITS.computeIfAbsent(bits, Kernels::define);
    }

    private static Kernels define(int bits) {
        return new Kernels(bits, Product.of(bits), Product.of(bits),
                Width.define(PointwiseKernel.class, Pointwise.class, bits),
                Width.define(NormalKernel.class, ActivationKernel.class, bits),
                Width.define(LogisticKernel.class, ActivationKernel.class, bits),
                Width.define(TanhKernel.class, ActivationKernel.class, bits),
                Width.define(NormKernel.class, Norm.class, bits),
                Width.define(SoftmaxKernel.class, Softmax.class, bits));
    }

    /** The matrix product with what lies on the Java heap: keys and values of earlier calls, which few models have. */
    Product heap() {
        return HEAP_BY_BITS.computeIfAbsent(bits, Product::of);
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
