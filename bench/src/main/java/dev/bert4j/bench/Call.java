package dev.bert4j.bench;

/** A forward pass that can be repeated, here or in another process. */
interface Call extends AutoCloseable {
    /**
     * Runs it again and again.
     *
     * @param uncounted runs before those that count: they wake the engine's own threads and bring its weights, not
     *     those of another, into the caches
     * @param atLeast how many runs count, however long they take
     * @param nanos for how long runs are begun that count
     */
    Samples take(int uncounted, int atLeast, long nanos);

    /** What the last run computed: the last hidden states of all texts, one after the other, without padding. */
    float[] values();

    @Override
    void close();
}
