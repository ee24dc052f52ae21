package dev.bert4j.backend.vector;

import dev.bert4j.backend.cpu.Floats;

/** Layer normalisation of a token panel. */
interface Norm {
    /** How many interleaved chains a sum over features has. */
    int CHAINS = 16;
    /** Vectors of scratch memory: the chains and the mean. */
    int SCRATCH_VECTORS = CHAINS + 1;

    /**
     * Normalises every lane over its features.
     *
     * @param x holds the panel, {@code [features][step]} from {@code xAt} on
     * @param y where to put the result, from {@code yAt} on; may be x
     * @param weight {@code [features]}
     * @param bias likewise
     * @param vectors how many vectors of the panel to compute
     * @param scratch {@link #SCRATCH_VECTORS} vectors
     */
    void normalize(Floats x, int xAt, Floats y, int yAt, int step, int features, int vectors, Floats weight,
            Floats bias, float eps, Floats scratch);
}
