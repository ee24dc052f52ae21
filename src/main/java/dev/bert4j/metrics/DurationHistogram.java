package dev.bert4j.metrics;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts durations in eight kilobytes, whatever their number: sixteen buckets for each power of two of nanoseconds, so
 * that a quantile is known to a 32nd. Thread-safe, without locks; to record takes some tens of nanoseconds and no
 * memory.
 */
public final class DurationHistogram {
    /** Buckets for each power of two, 2⁴. */
    private static final int BITS = 4;
    private static final int EACH = 1 << BITS;
    private static final int BUCKETS = (Long.SIZE - BITS) * EACH;

    private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);
    private final LongAdder total = new LongAdder();
    private final AtomicLong max = new AtomicLong();

    /** Makes one that has counted nothing. */
    public DurationHistogram() {
    }

    /** Counts a duration; one below 0 counts as 0. */
    public void record(long nanos) {
        long value = Math.max(nanos, 0);
        buckets.incrementAndGet(bucket(value));
        total.add(value);
        long greatest = max.get();
        while (value > greatest && !max.compareAndSet(greatest, value)) {
            greatest = max.get();
        }
    }

    private static int bucket(long value) {
        if (value < EACH) {
            return (int) value;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(value) - BITS;
        return (shift + 1) * EACH + (int) (value >>> shift) - EACH;
    }

    /** The middle of a bucket. */
    private static long value(int bucket) {
        if (bucket < EACH) {
            return bucket;
        }
        int shift = bucket / EACH - 1;
        long least = (long) (bucket % EACH + EACH) << shift;
        return least + (1L << shift) / 2;
    }

    /** What was counted so far. */
    public Durations snapshot() {
        long[] counts = new long[BUCKETS];
        long count = 0;
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] = buckets.get(i);
            count += counts[i];
        }
        long longest = max.get();
        return new Durations(count, Duration.ofNanos(total.sum()),
                Duration.ofNanos(Math.min(quantile(counts, count, 0.5), longest)),
                Duration.ofNanos(Math.min(quantile(counts, count, 0.99), longest)), Duration.ofNanos(longest));
    }

    /** The least value that at least that part of them does not exceed. */
    private static long quantile(long[] counts, long count, double part) {
        long rank = Math.max(1, (long) Math.ceil(part * count));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (count > 0 && seen >= rank) {
                return value(i);
            }
        }
        return 0;
    }
}
