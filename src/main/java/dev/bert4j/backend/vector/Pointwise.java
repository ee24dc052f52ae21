package dev.bert4j.backend.vector;

import java.lang.foreign.MemorySegment;

/** What follows a matrix product, on rows of a token panel, in place: a residual, or a function of straight pieces. */
interface Pointwise extends ActivationKernel {

    /** {@code y = (y + bias) + residual}, residual being rows like y. */
    void addResidual(MemorySegment y, MemorySegment bias, MemorySegment residual, int rows, long laneBytes,
            int vectors);
}
