package dev.bert4j.backend.vector;

/** What follows a matrix product, on rows of a token panel, in place: a residual, or a function of straight pieces. */
interface Pointwise extends ActivationKernel {

    /** {@code y = (y + bias) + residual}, residual being rows like y, from {@code residualAt} on. */
    void addResidual(float[] y, int at, int step, int rows, int vectors, float[] bias, int biasAt, float[] residual,
            int residualAt);
}
