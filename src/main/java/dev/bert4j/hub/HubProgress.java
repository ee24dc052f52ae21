package dev.bert4j.hub;

/** Hears how far a download is. It is called on the thread that downloads; what it throws ends the download. */
@FunctionalInterface
public interface HubProgress {
    /** For whom it is of no interest. */
    HubProgress NONE = new HubProgress() {
        // Not a lambda, the first of which takes a fresh JVM milliseconds of every opening.
        @Override
        public void update(String file, long done, long total) {
        }
    };

    /**
     * Called when a file begins, with what an earlier try left of it, then after every piece, and with
     * {@code done == total} at its end.
     *
     * @param file name of the file in the repository
     * @param done bytes of it that are there, 0 to {@code total}; less than before where it has to start anew
     * @param total bytes that it will have, or -1 while that is not known
     */
    void update(String file, long done, long total);
}
