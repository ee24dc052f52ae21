package dev.bert4j.bench;

/**
 * An engine's turn on the machine: a pause, a few calls that do not count, and then calls for a slice of time.
 *
 * <p>The pause is there because worker threads of some engines go on spinning for a while after a run, looking for the
 * next; without it the other engine's turn would begin with fewer cores than it was given.
 */
final class Turn {
    /** A warm-up is over when a part of it is no faster than this times the part before. */
    private static final double STEADY = 0.97;
    private static final int LONGEST = 6;

    private final Pace pace;

    Turn(Pace pace) {
        this.pace = pace;
    }

    /**
     * Runs until C2 is done: for twice that time at least, and until the calls get no faster, but not for more than six
     * times as long. A fixed time alone would be too short for calls that take long while they are still interpreted.
     */
    void warmUp(Call call, long leastNanos) {
        double before = take(call, leastNanos).medianMillis();
        for (int i = 1; i < LONGEST; i++) {
            double now = take(call, leastNanos).medianMillis();
            if (now > STEADY * before) {
                return;
            }
            before = now;
        }
    }

    /** The durations of the calls of one turn. */
    Samples take(Call call) {
        return take(call, pace.sliceNanos());
    }

    private Samples take(Call call, long nanos) {
        pause();
        return call.take(pace.uncounted(), pace.atLeast(), nanos);
    }

    /** Lets the threads of whoever ran before go to sleep. */
    void pause() {
        try {
            Thread.sleep(pace.pauseNanos() / 1_000_000, (int) (pace.pauseNanos() % 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The measurement was interrupted.", e);
        }
    }
}
