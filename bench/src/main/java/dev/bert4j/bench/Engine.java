package dev.bert4j.bench;

import java.util.List;

/** A model opened by one of the libraries, for one number of threads. */
interface Engine extends AutoCloseable {
    /** The library's name in tables; engines of the same name are configurations of it, of which the fastest counts. */
    String name();

    /** Which library and what of it runs, for the report. */
    String description();

    /** Whether it can run texts of which some are padded; a graph without a mask cannot. */
    default boolean takesPadding() {
        return true;
    }

    /**
     * A forward pass over all texts, with everything set up that does not belong to the pass.
     *
     * @param batches which texts go into one call together, padded to the longest of them; an engine that needs no
     *     padding takes all texts at once
     */
    Call prepare(List<int[]> texts, int[][] batches);

    @Override
    void close();
}
