package dev.bert4j.backend.vector;

import java.lang.foreign.MemorySegment;

/**
 * The parts of attention between its two products: queries in the lanes, keys one after the other.
 *
 * <p>{@code state} holds three rows for each lane: the running maximum, the running sum, and the factor by which what
 * was gathered so far has to be scaled since the maximum grew.
 */
interface Softmax {
    /** Rows of the state. */
    int STATE_ROWS = 3;

    /** Begins with the lowest finite maximum and an empty sum. */
    void begin(MemorySegment state, long laneBytes, int vectors);

    /**
     * Turns products into scores, {@code score = dot · scale + mask}, in place.
     *
     * @param scores {@code [keys][laneBytes / 4]}
     * @param mask what to add: {@code [keys]} from {@code maskFrom}; null adds 0
     */
    void scale(MemorySegment scores, int keys, long laneBytes, int vectors, float scale, float[] mask, int maskFrom);

    /** As {@link #scale}, the mask having a row for each key like the scores. */
    void scale(MemorySegment scores, int keys, long laneBytes, int vectors, float scale, MemorySegment mask);

    /** Takes a block of scores into the running maximum and sum and replaces each by {@code exp(score − maximum)}. */
    void block(MemorySegment scores, int keys, long laneBytes, int vectors, MemorySegment state);

    /** Scales rows by the factor of the last {@link #block}. */
    void rescale(MemorySegment rows, int count, long laneBytes, int vectors, MemorySegment state);

    /** Divides rows by the sum and multiplies them by a factor: {@code row · ((1 / sum) · factor)}. */
    void finish(MemorySegment rows, int count, long laneBytes, int vectors, MemorySegment state, float factor);

    /** Replaces scores by probabilities: {@code exp(score − maximum) · ((1 / sum) · factor)}. */
    void probabilities(MemorySegment scores, int keys, long laneBytes, int vectors, MemorySegment state, float factor);
}
