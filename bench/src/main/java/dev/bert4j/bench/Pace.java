package dev.bert4j.bench;

/**
 * How long is measured.
 *
 * @param rounds turns of each engine in a row
 * @param sliceNanos the length of a turn
 * @param pauseNanos the pause before a turn
 * @param warmupNanos for how long an engine that is compiled while it runs gets warm in a row; twice that is the least
 * @param uncounted calls at the beginning of a turn that do not count
 * @param atLeast calls of a turn that count
 */
record Pace(int rounds, long sliceNanos, long pauseNanos, long warmupNanos, int uncounted, int atLeast) {
    /** The pace of {@code --quick}, or the whole; each number can be given as an option. */
    static Pace of(Options options, boolean quick) {
        return new Pace(options.number("--rounds", quick ? 2 : 6), options.nanos("--slice", quick ? 0.3 : 1),
                options.nanos("--pause", quick ? 0.1 : 0.3), options.nanos("--warmup", quick ? 1 : 3), 1,
                quick ? 1 : 2);
    }
}
