package dev.bert4j.backend.vector;

import java.lang.foreign.MemorySegment;

/**
 * The parts of attention between its two products: queries in the lanes, keys one after the other.
 *
 * <p>Between its steps it keeps a {@code state} of some rows for the lanes.
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
    void begin(MemorySegment state, long laneBytes, int vectors);

    /**
     * Turns products into scores, {@code score = dot · scale + mask}, in place.
     *
     * @param scores {@code [keys][laneBytes / 4]}
     * @param mask what to add: {@code [keys]} from {@code maskFrom}; null adds 0
     */
    void scale(MemorySegment scores, int keys, long laneBytes, int vectors, float scale, float[] mask, int maskFrom);

    /** As the other, adding the same row of lanes to the scores of every key. */
    void scale(MemorySegment scores, int keys, long laneBytes, int vectors, float scale, MemorySegment mask);

    /** Takes a block of scores into the running maximum and sum and replaces each by {@code exp(score − maximum)}. */
    void block(MemorySegment scores, int keys, long laneBytes, int vectors, MemorySegment state);

    /** Multiplies rows by what the last {@link #block} left as the factor, {@code exp(maximum before − maximum)}. */
    void rescale(MemorySegment rows, int count, long laneBytes, int vectors, MemorySegment state);

    /** Divides rows by the sum and multiplies them by a factor: {@code row · ((1 / sum) · factor)}. */
    void finish(MemorySegment rows, int count, long laneBytes, int vectors, MemorySegment state, float factor);

    /** After {@link #finish}: replaces scores by probabilities, {@code exp(score − maximum) · ((1 / sum) · factor)}. */
    void probabilities(MemorySegment scores, int keys, long laneBytes, int vectors, MemorySegment state);
}
