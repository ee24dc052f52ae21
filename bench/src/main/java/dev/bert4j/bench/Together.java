package dev.bert4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.function.IntConsumer;

/** Runs something on several threads that begin at the same moment. */
final class Together {
    private Together() {
    }

    /**
     * The seconds from when the first began to when the last had ended, by the clocks that they look at themselves: a
     * thread that waits for them may be woken late.
     */
    static double seconds(int threads, IntConsumer work) {
        CyclicBarrier start = new CyclicBarrier(threads);
        long[] begun = new long[threads];
        long[] ended = new long[threads];
        List<Thread> started = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < threads; i++) {
            int number = i;
            started.add(Thread.ofPlatform().daemon().start(() -> {
                try {
                    start.await();
                    begun[number] = System.nanoTime();
                    work.accept(number);
                    ended[number] = System.nanoTime();
                } catch (BrokenBarrierException | InterruptedException | RuntimeException | Error e) {
                    failures.add(e);
                }
            }));
        }
        try {
            for (Thread thread : started) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException("A thread failed.", failures.getFirst());
        }
        return (Arrays.stream(ended).max().orElseThrow() - Arrays.stream(begun).min().orElseThrow()) / 1e9;
    }
}
