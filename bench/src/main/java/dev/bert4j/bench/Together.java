package dev.bert4j.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.function.IntConsumer;

/** Runs something on several threads that begin at the same moment. */
final class Together {
    private Together() {
    }

    /** The seconds from when all began to when the last had ended. */
    static double seconds(int threads, IntConsumer work) {
        CyclicBarrier start = new CyclicBarrier(threads + 1);
        List<Thread> started = new ArrayList<>();
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < threads; i++) {
            int number = i;
            started.add(Thread.ofPlatform().daemon().start(() -> {
                try {
                    start.await();
                    work.accept(number);
                } catch (BrokenBarrierException | InterruptedException | RuntimeException | Error e) {
                    failures.add(e);
                }
            }));
        }
        try {
            start.await();
            long begin = System.nanoTime();
            for (Thread thread : started) {
                thread.join();
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            if (!failures.isEmpty()) {
                throw new IllegalStateException("A thread failed.", failures.getFirst());
            }
            return seconds;
        } catch (BrokenBarrierException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
