package dev.bert4j.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Counts the failures of a request in a row and makes the pauses between its tries. */
final class Retries {
    private final Patience patience;
    private final String what;
    private int failures;

    /** @param what what is tried, to begin an error's sentence: "… could not be fetched" */
    Retries(Patience patience, String what) {
        this.patience = patience;
        this.what = what;
    }

    /** One try. */
    @FunctionalInterface
    interface Attempt<T> {
        T run() throws IOException;
    }

    /** Tries until it succeeds, fails for good, or has failed too often. */
    static <T> T run(Patience patience, String what, Attempt<T> attempt) throws IOException {
        Retries retries = new Retries(patience, what);
        while (true) {
            try {
                return attempt.run();
            } catch (TransientException e) {
                retries.failed(e);
            }
        }
    }

    /** Begins to count anew: the last try got somewhere. */
    void progressed() {
        failures = 0;
    }

    /** Waits before the next try, or says that there is none. */
    void failed(TransientException e) throws HubException, InterruptedIOException {
        failures++;
        Duration pause = e.pause() != null ? e.pause() : jittered(patience.pauseAfter(failures));
        if (failures >= patience.attempts() || pause.compareTo(patience.longestPause()) > 0) {
            String end = failures < patience.attempts() ? ", and asks to wait for " + pause.toSeconds() + " s"
                    : failures > 1 ? " (" + failures + " tries)" : "";
            throw new HubException(HubException.Reason.UNREACHABLE, what + " because " + e.getMessage() + end + ".", e);
        }
        sleep(pause);
    }

    /** Up to a quarter longer, so that those who failed together do not come back together. */
    private static Duration jittered(Duration pause) {
        return pause.plusNanos(ThreadLocalRandom.current().nextLong(pause.toNanos() / 4 + 1));
    }

    private static void sleep(Duration pause) throws InterruptedIOException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The download was interrupted.");
        }
    }
}
