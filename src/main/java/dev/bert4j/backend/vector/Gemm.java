package dev.bert4j.backend.vector;

import java.lang.foreign.MemorySegment;

/**
 * The matrix product of weights in place and a token panel, at one vector width and for one number of vectors in the
 * panel.
 */
interface Gemm {
    /** Rows of weights that are multiplied side by side; others are slower. */
    int tileRows();

    /**
     * Adds {@code w · x} to rows of a token panel: {@code y[n][lane] += Σ_k w[n][k] · x[k][lane]}, every lane one chain
     * of fused multiply-adds with k ascending.
     *
     * @param w of any alignment, fp32 or what else the kernel is for; element [n][k] lies at byte
     *         {@code at + n * rowStep + k * bytes}, of so many bytes as an element has
     * @param rows features of y
     * @param depth features of x, at least 1
     * @param x holds the input, {@code [depth][lanes]} from {@code xAt} on
     * @param y holds the output, {@code [rows][lanes]} from {@code yAt} on
     */
    void accumulate(MemorySegment w, long at, long rowStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt);
}
