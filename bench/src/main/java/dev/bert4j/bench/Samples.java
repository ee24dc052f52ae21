package dev.bert4j.bench;

import java.util.Arrays;
import java.util.List;

/** Durations in nanoseconds, of one engine in one row. */
final class Samples {
    private long[] nanos = new long[256];
    private int count;

    void add(long duration) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = duration;
    }

    void addAll(Samples others) {
        for (int i = 0; i < others.count; i++) {
            add(others.nanos[i]);
        }
    }

    /** Adds durations in milliseconds, as another process reports them. */
    Samples addMillis(List<?> durations) {
        durations.forEach(each -> add(Math.round(1e6 * ((Number) each).doubleValue())));
        return this;
    }

    static Samples together(List<Samples> turns) {
        Samples all = new Samples();
        turns.forEach(all::addAll);
        return all;
    }

    int count() {
        return count;
    }

    double minMillis() {
        return quantileMillis(0);
    }

    double medianMillis() {
        return quantileMillis(0.5);
    }

    /** The value below which that part of the durations lies; between two of them the nearer. */
    double quantileMillis(double part) {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[(int) Math.round(part * (count - 1))] / 1e6;
    }
}
