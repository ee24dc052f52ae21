package dev.bert4j.backend.vector;

/**
 * The matrix product of what lies on the heap and a token panel, as {@link Gemm}: keys and values take the place of the
 * weights, or rows of weights that were widened.
 */
interface PanelGemm {

    /**
     * Adds {@code w · x} to rows of a token panel, where the values of a row of w lie side by side: element [n][k] at
     * {@code wAt + n * rowStep + k}.
     */
    void accumulateRows(float[] w, int wAt, int rowStep, int rows, int depth, float[] x, int xAt, float[] y, int yAt);

    /** The same, where the values of a column lie side by side: element [n][k] at {@code wAt + k * depthStep + n}. */
    void accumulateColumns(float[] w, int wAt, int depthStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt);
}
