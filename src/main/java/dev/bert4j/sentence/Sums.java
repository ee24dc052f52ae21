package dev.bert4j.sentence;

/**
 * Sums over two vectors of the same length. Every implementation gives the same bits: there are sixteen chains of fused
 * multiply-adds, value {@code i} belongs to chain {@code i % 16}, and the chains are added in a fixed tree.
 */
interface Sums {
    /** Chains of a sum. */
    int CHAINS = 16;

    /** {@code Σ aᵢ · bᵢ}. */
    float dot(float[] a, float[] b);

    /** {@code Σ aᵢ · bᵢ}, b being integers. */
    float dot(float[] a, byte[] b);

    /** {@code Σ (aᵢ − bᵢ)²}. */
    float squares(float[] a, float[] b);

    /** {@code Σ |aᵢ − bᵢ|}. */
    float magnitudes(float[] a, float[] b);

    /** The fastest that there is: without the Vector API, which a program may run without, the plain one. */
    static Sums best() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() ? new VectorSums()
                : new PlainSums();
    }

    /** Adds the chains; changes them. */
    static float tree(float[] chains) {
        for (int half = CHAINS / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                chains[i] += chains[i + half];
            }
        }
        return chains[0];
    }
}
