package dev.bert4j.bench;

/** A BERT-base opened by one of the libraries, for one number of threads. */
interface Engine extends AutoCloseable {
    /** Which library and what of it runs, for the report. */
    String description();

    /** A forward pass over one text, with everything set up that does not belong to the pass. */
    Call prepare(int[] ids);

    @Override
    void close();

    /** A forward pass that can be repeated. */
    interface Call extends AutoCloseable {
        /** Runs it; what comes back is only there to be kept from the JIT. */
        Object run();

        /** The last hidden states [T, 768] of the last run. */
        float[] lastHiddenState();

        /** The pooled output [768] of the last run. */
        float[] poolerOutput();

        @Override
        void close();
    }
}
