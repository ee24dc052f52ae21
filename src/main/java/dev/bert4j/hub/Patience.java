package dev.bert4j.hub;

import java.time.Duration;

/**
 * How long a hub is waited for.
 *
 * @param timeout the longest wait for a connection, for the beginning of an answer, and for the next 1,024 bytes of a
 *     file; more than zero
 * @param attempts how often one request is tried in all before its trouble is an error, at least 1; a try that brought
 *     a megabyte of a file or more makes the count begin anew
 * @param backOff the pause before the second try, which doubles from try to try up to 30 s; zero or more
 * @param longestPause the longest pause that a hub may ask for by {@code Retry-After}; one that asks for more is not
 *     waited for
 */
public record Patience(Duration timeout, int attempts, Duration backOff, Duration longestPause) {
    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(30);

    /** Checks the ranges. */
    public Patience {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be more than zero, not " + timeout + ".");
        }
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts must be at least 1, not " + attempts + ".");
        }
        if (backOff.isNegative() || longestPause.isNegative()) {
            throw new IllegalArgumentException("backOff and longestPause must not be negative, but are " + backOff
                    + " and " + longestPause + ".");
        }
    }

    /** 10 seconds, 5 attempts, pauses from half a second on, 2 minutes where a hub asks for them. */
    public static Patience defaults() {
        return new Patience(Duration.ofSeconds(10), 5, Duration.ofMillis(500), Duration.ofMinutes(2));
    }

    /** With that time-out. */
    public Patience withTimeout(Duration value) {
        return new Patience(value, attempts, backOff, longestPause);
    }

    /** With that many attempts. */
    public Patience withAttempts(int value) {
        return new Patience(timeout, value, backOff, longestPause);
    }

    /** With that first pause. */
    public Patience withBackOff(Duration value) {
        return new Patience(timeout, attempts, value, longestPause);
    }

    /** With that limit of what a hub may ask for. */
    public Patience withLongestPause(Duration value) {
        return new Patience(timeout, attempts, backOff, value);
    }

    /** The pause after so many failures in a row, 1 or more. */
    Duration pauseAfter(int failures) {
        Duration pause = backOff.multipliedBy(1L << Math.min(failures - 1, 20));
        return pause.compareTo(LONGEST_BACK_OFF) < 0 ? pause : LONGEST_BACK_OFF;
    }
}
