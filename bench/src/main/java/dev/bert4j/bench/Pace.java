package dev.bert4j.bench;

import picocli.CommandLine.Option;

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
    /** The options that change it; lengths are in seconds. */
    static final class Options {
        @Option(names = "--rounds")
        private Integer rounds;
        @Option(names = "--slice")
        private Double slice;
        @Option(names = "--pause")
        private Double pause;
        @Option(names = "--warmup")
        private Double warmup;

        /** The pace of {@code --quick}, or the whole, with what was said otherwise. */
        Pace pace(boolean quick) {
            return new Pace(Arguments.positive("--rounds", rounds != null ? rounds : quick ? 2 : 6),
                    nanos("--slice", slice, quick ? 0.3 : 1), nanos("--pause", pause, quick ? 0.1 : 0.3),
                    nanos("--warmup", warmup, quick ? 1 : 3), 1, quick ? 1 : 2);
        }

        private static long nanos(String option, Double seconds, double otherwise) {
            return Arguments.nanos(option, seconds != null ? seconds : otherwise);
        }
    }
}
