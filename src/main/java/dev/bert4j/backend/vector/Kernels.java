package dev.bert4j.backend.vector;

import java.lang.invoke.MethodHandles;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kernels at one vector width.
 *
 * @param bits the width
 * @param single the matrix product for panels of one vector
 * @param pair the matrix product for panels of two
 * @param pointwise what follows a product element by element
 * @param norm layer normalisation
 * @param softmax the parts of attention between its two products
 */
record Kernels(int bits, Gemm single, Gemm pair, Pointwise pointwise, Norm norm, Softmax softmax) {

    private static final Map<Integer, Kernels> BY_BITS = new ConcurrentHashMap<>();

    /** The kernels of a width: all backends share them, so that the JIT compiles them once. */
    static Kernels of(int bits) {
        return BY_BITS.computeIfAbsent(bits, Kernels::define);
    }

    private static Kernels define(int bits) {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        return new Kernels(bits, Width.define(lookup, GemmSingle.class, Gemm.class, bits),
                Width.define(lookup, GemmPair.class, Gemm.class, bits),
                Width.define(lookup, PointwiseKernel.class, Pointwise.class, bits),
                Width.define(lookup, NormKernel.class, Norm.class, bits),
                Width.define(lookup, SoftmaxKernel.class, Softmax.class, bits));
    }

    int vectorLanes() {
        return bits / Float.SIZE;
    }

    Gemm gemm(int vectors) {
        return vectors == 2 ? pair : single;
    }
}
