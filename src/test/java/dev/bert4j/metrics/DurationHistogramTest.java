package dev.bert4j.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Quantiles are those of a sorted array to a 32nd, and nothing is lost between threads. */
class DurationHistogramTest {
    @Test
    void quantilesAreThoseOfASortedArray() {
        Random random = new Random(4);
        for (int count : new int[] {1, 2, 99, 100, 101, 5000}) {
            for (int bits : new int[] {3, 5, 20, 40, 62}) {
                DurationHistogram histogram = new DurationHistogram();
                long[] all = new long[count];
                long total = 0;
                for (int i = 0; i < count; i++) {
                    all[i] = random.nextLong(1L << bits) >> random.nextInt(bits);
                    histogram.record(all[i]);
                    total += all[i];
                }
                Arrays.sort(all);
                Durations durations = histogram.snapshot();
                assertEquals(count, durations.count());
                assertEquals(Duration.ofNanos(total), durations.total());
                assertEquals(all[count - 1], durations.max().toNanos());
                near(all[(int) Math.ceil(0.5 * count) - 1], durations.p50());
                near(all[(int) Math.ceil(0.99 * count) - 1], durations.p99());
            }
        }
    }

    private static void near(long exact, Duration found) {
        assertTrue(Math.abs(found.toNanos() - exact) <= exact / 32.0, found.toNanos() + " for " + exact);
    }

    @Test
    void theEndsOfTheRangeAreCounted() {
        DurationHistogram histogram = new DurationHistogram();
        assertEquals(new Durations(0, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO),
                histogram.snapshot());
        histogram.record(-5);
        assertEquals(0, histogram.snapshot().p99().toNanos());
        histogram.record(Long.MAX_VALUE);
        assertEquals(2, histogram.snapshot().count());
        near(Long.MAX_VALUE, histogram.snapshot().p99());
    }

    @Test
    void nothingIsLostBetweenThreads() throws Exception {
        DurationHistogram histogram = new DurationHistogram();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 1; i <= 20_000; i++) {
                    histogram.record(i);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Durations durations = histogram.snapshot();
        assertEquals(160_000, durations.count());
        assertEquals(8 * 20_000L * 20_001 / 2, durations.total().toNanos());
        assertEquals(20_000, durations.max().toNanos());
    }
}
