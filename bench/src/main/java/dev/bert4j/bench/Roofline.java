package dev.bert4j.bench;

import java.util.Locale;

/**
 * What the machine can do at most on some threads, measured and not read from a data sheet: a shared machine gives less
 * than that, and each hour another part of it.
 *
 * @param threads how many
 * @param gflops of multiply-adds in registers
 * @param gigabytes a second that memory delivers
 */
record Roofline(int threads, double gflops, double gigabytes) {
    /** Measures both for about that long each. */
    static Roofline measure(int threads, long nanos) {
        return new Roofline(threads, FmaPeak.gflops(threads, nanos), StreamRate.gigabytes(threads, nanos));
    }

    /** The better of both figures. */
    Roofline best(Roofline other) {
        return new Roofline(threads, Math.max(gflops, other.gflops), Math.max(gigabytes, other.gigabytes));
    }

    void print(Report report, String when) {
        report.line(String.format(Locale.ROOT,
                "Roofline at the %s, %d thread(s): %.1f GFLOP/s of fma, %.1f GB/s of reading", when, threads, gflops,
                gigabytes));
        report.section("roofline", "when", when, "threads", threads, "gflops", gflops, "gb_s", gigabytes);
    }
}
