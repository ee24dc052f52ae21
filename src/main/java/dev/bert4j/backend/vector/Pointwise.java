package dev.bert4j.backend.vector;

import dev.bert4j.backend.cpu.Floats;

/** What follows a matrix product, on rows of a token panel, in place: a residual, or a function of straight pieces. */
interface Pointwise extends ActivationKernel {

    /** {@code y = (y + bias) + residual}, residual being rows like y, from {@code residualAt} on. */
    void addResidual(Floats y, int at, int step, int rows, int vectors, Floats bias, int biasAt, Floats residual,
            int residualAt);
}
