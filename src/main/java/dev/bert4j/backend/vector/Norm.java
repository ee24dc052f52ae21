package dev.bert4j.backend.vector;

import java.lang.foreign.MemorySegment;

/** Layer normalisation of a token panel. */
interface Norm {
    /** How many interleaved chains a sum over features has. */
    int CHAINS = 16;
    /** Vectors of scratch memory: the chains and the mean. */
    int SCRATCH_VECTORS = CHAINS + 1;

    /**
     * Normalises every lane over its features.
     *
     * @param x {@code [features][laneBytes / 4]}
     * @param y where to put the result; may be x
     * @param weight {@code [features]} of fp32, at any address
     * @param bias likewise
     * @param scratch {@link #SCRATCH_VECTORS} vectors
     */
    void normalize(MemorySegment x, MemorySegment y, MemorySegment weight, MemorySegment bias, float eps, int features,
            long laneBytes, int vectors, MemorySegment scratch);
}
