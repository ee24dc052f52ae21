package dev.bert4j.backend.vector;

/**
 * The parts of attention between its two products: queries in the lanes, keys one after the other.
 *
 * <p>All that it works on lies in one array {@code m}, the scratch of a worker: rows of lanes {@code step} apart, of
 * which it computes {@code vectors} vectors. Between its steps it keeps a {@code state} of some rows.
 */
interface Softmax {
    /** The row of the state with the running maximum. */
    int MAXIMUM_ROW = 0;
    /** That with the running sum. */
    int SUM_ROW = 1;
    /** That with what is to be multiplied next: by how much the maximum grew, and at the end one over the sum. */
    int FACTOR_ROW = 2;
    /** That with the sum of the last block. */
    int BLOCK_SUM_ROW = 3;
    /** Rows of the state. */
    int STATE_ROWS = 4;

    /** Begins with the lowest finite maximum and an empty sum. */
    void begin(float[] m, int state, int step, int vectors);

    /**
     * Turns products into scores, {@code score = dot · scale + mask}, in place.
     *
     * @param scores where the scores begin, {@code [keys][step]}
     * @param mask what to add: {@code [keys]} from {@code maskFrom}; null adds 0
     */
    void scale(float[] m, int scores, int keys, int step, int vectors, float scale, float[] mask, int maskFrom);

    /** As the other for the scores of one key, adding a row of lanes that begins at {@code mask}. */
    void scale(float[] m, int scores, int step, int vectors, float scale, int mask);

    /** Takes a block of scores into the running maximum and sum and replaces each by {@code exp(score − maximum)}. */
    void block(float[] m, int scores, int keys, int step, int vectors, int state);

    /** Multiplies rows by what the last {@link #block} left as the factor, {@code exp(maximum before − maximum)}. */
    void rescale(float[] m, int rows, int count, int step, int vectors, int state);

    /** Divides rows by the sum and multiplies them by a factor: {@code row · ((1 / sum) · factor)}. */
    void finish(float[] m, int rows, int count, int step, int vectors, int state, float factor);

    /** After {@link #finish}: replaces scores by probabilities, {@code exp(score − maximum) · ((1 / sum) · factor)}. */
    void probabilities(float[] m, int scores, int keys, int step, int vectors, int state);
}
