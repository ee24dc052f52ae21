package dev.bert4j.bench;

/**
 * An engine's turn on the machine: a pause, a few calls that do not count, and then calls for a slice of time.
 *
 * <p>The pause is there because worker threads of either engine go on spinning for a while after a run, looking for the
 * next; without it the other engine's turn would begin with fewer cores than it was given. The calls that do not count
 * wake the engine's own threads and bring its weights, not the other's, into the caches.
 */
final class Turn {
    private static final int UNCOUNTED = 2;
    private static final int AT_LEAST = 3;
    /** A warm-up is over when a part of it is no faster than this times the part before. */
    private static final double STEADY = 0.97;
    private static final int LONGEST = 6;

    private final long pauseNanos;

    Turn(long pauseNanos) {
        this.pauseNanos = pauseNanos;
    }

    /**
     * Runs until C2 is done: for twice that time at least, and until the calls get no faster, but not for more than six
     * times as long. A fixed time alone would be too short for calls that take long while they are still interpreted.
     */
    void warmUp(Engine.Call call, long leastNanos) throws InterruptedException {
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
    Samples take(Engine.Call call, long sliceNanos) throws InterruptedException {
        Thread.sleep(pauseNanos / 1_000_000, (int) (pauseNanos % 1_000_000));
        for (int i = 0; i < UNCOUNTED; i++) {
            call.run();
        }
        Samples samples = new Samples();
        long begin = System.nanoTime();
        long now = begin;
        while (now - begin < sliceNanos || samples.count() < AT_LEAST) {
            long start = now;
            call.run();
            now = System.nanoTime();
            samples.add(now - start);
        }
        return samples;
    }
}
