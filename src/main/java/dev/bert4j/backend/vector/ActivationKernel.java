package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import java.lang.foreign.MemorySegment;

/** An activation after a matrix product, on rows of a token panel, in place. */
interface ActivationKernel {

    /**
     * {@code y = f(y + bias)}.
     *
     * @param y {@code [rows][laneBytes / 4]}
     * @param bias {@code [rows]} of fp32, at any address; null adds nothing
     * @param vectors how many vectors of each row to compute
     * @param f one of the functions that {@link Kernels#activation} gives this kernel for
     */
    void activate(MemorySegment y, MemorySegment bias, int rows, long laneBytes, int vectors, ActivationFunction f);
}
