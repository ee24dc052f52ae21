package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import java.lang.foreign.MemorySegment;

/** What follows a matrix product, on rows of a token panel, in place. */
interface Pointwise {

    /**
     * {@code y = f(y + bias)}.
     *
     * @param y {@code [rows][laneBytes / 4]}
     * @param bias {@code [rows]} of fp32, at any address; null adds nothing
     * @param vectors how many vectors of each row to compute
     */
    void activate(MemorySegment y, MemorySegment bias, int rows, long laneBytes, int vectors, ActivationFunction f);

    /** {@code y = (y + bias) + residual}, residual being rows like y. */
    void addResidual(MemorySegment y, MemorySegment bias, MemorySegment residual, int rows, long laneBytes,
            int vectors);
}
