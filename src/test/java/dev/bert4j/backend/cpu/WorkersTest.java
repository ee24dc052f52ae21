package dev.bert4j.backend.cpu;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every part runs once, whoever runs it, and nothing that a part does leaves the workers waiting. */
@Timeout(60)
class WorkersTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void everyPartRunsOnceAndUnderOneNumberAtATime(int threads) {
        try (Workers workers = new Workers(threads)) {
            for (int parts : new int[] {0, 1, 2, 3, 7, 100, 1000}) {
                AtomicIntegerArray runs = new AtomicIntegerArray(parts);
                AtomicIntegerArray busy = new AtomicIntegerArray(threads);
                Workers.Task task = (part, worker) -> {
                    assertEquals(1, busy.incrementAndGet(worker), "two parts under one number");
                    runs.incrementAndGet(part);
                    busy.decrementAndGet(worker);
                };
                workers.run(parts, task);
                workers.runInTurns(parts, task);
                workers.runNeighbours(parts, task);
                for (int part = 0; part < parts; part++) {
                    assertEquals(3, runs.get(part));
                }
            }
        }
    }

    @Test
    void threadsBeginWithPartsOfTheirOwn() {
        assertEquals(List.of(0, 1, 2, 0, 1, 2), threadsOf(Workers::runInTurns));
        assertEquals(List.of(0, 0, 1, 1, 2, 2), threadsOf(Workers::runNeighbours));
    }

    /** Which of three threads run six parts, if none of them takes a second one before all have a first. */
    private static List<Integer> threadsOf(Run run) {
        try (Workers workers = new Workers(3)) {
            Integer[] threads = new Integer[6];
            CyclicBarrier all = new CyclicBarrier(3);
            run.of(workers, threads.length, (part, worker) -> {
                threads[part] = worker;
                try {
                    all.await(20, SECONDS);
                } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                    throw new AssertionError("a thread has no part", e);
                }
            });
            return List.of(threads);
        }
    }

    private interface Run {
        void of(Workers workers, int parts, Workers.Task task);
    }

    @Test
    void theWorkersTakeTheirShare() {
        try (Workers workers = new Workers(2)) {
            CountDownLatch both = new CountDownLatch(2);
            // Ends only if two threads are in it at a time.
            workers.run(2, (part, worker) -> {
                both.countDown();
                assertTrue(wait(both), "nobody took the other part");
            });
        }
    }

    @Test
    void aParkedWorkerIsWoken() throws Exception {
        try (Workers workers = new Workers(2)) {
            for (int i = 0; i < 5; i++) {
                Thread.sleep(20);
                CountDownLatch both = new CountDownLatch(2);
                workers.run(2, (part, worker) -> {
                    both.countDown();
                    assertTrue(wait(both), "nobody took the other part");
                });
            }
        }
    }

    @Test
    void workersRestWhereCallersAloneKeepTheCoresBusy() throws Exception {
        try (Workers workers = new Workers(2)) {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch end = new CountDownLatch(1);
            Thread other = new Thread(() -> workers.run(2, (part, worker) -> {
                begun.countDown();
                assertTrue(wait(end));
            }));
            // While this one has the workers, the other runs alone, and goes on when they are free again.
            workers.run(2, (part, worker) -> {
                if (part == 0) {
                    other.start();
                    assertTrue(wait(begun));
                }
            });
            Thread caller = Thread.currentThread();
            workers.run(50, (part, worker) -> {
                assertSame(caller, Thread.currentThread());
                // Time enough for a worker that spins.
                LockSupport.parkNanos(100_000);
            });
            end.countDown();
            other.join();
            CountDownLatch both = new CountDownLatch(2);
            workers.run(2, (part, worker) -> {
                both.countDown();
                assertTrue(wait(both), "nobody took the other part");
            });
        }
    }

    private static boolean wait(CountDownLatch latch) {
        try {
            return latch.await(20, SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whatAPartThrowsReachesTheCallerAndTheNextRunWorks(int threads) {
        try (Workers workers = new Workers(threads)) {
            for (int round = 0; round < 200; round++) {
                int bad = round % 20;
                Throwable thrown = round % 2 == 0 ? new InternalError("a fault") : new IllegalStateException("no");
                assertSame(thrown, assertThrows(Throwable.class, () -> workers.run(20, (part, worker) -> {
                    if (part == bad) {
                        Workers.<RuntimeException>rethrow(thrown);
                    }
                })));
                AtomicInteger runs = new AtomicInteger();
                workers.run(20, (part, worker) -> runs.incrementAndGet());
                assertEquals(20, runs.get());
            }
        }
    }

    @Test
    void whenAPartFailsNobodyBeginsAnother() {
        try (Workers workers = new Workers(2)) {
            for (Run run : List.<Run>of(Workers::run, Workers::runInTurns, Workers::runNeighbours)) {
                AtomicInteger runs = new AtomicInteger();
                assertThrows(IllegalStateException.class, () -> run.of(workers, 1000, (part, worker) -> {
                    if (part == 0) {
                        throw new IllegalStateException();
                    }
                    runs.incrementAndGet();
                    LockSupport.parkNanos(500_000);
                }));
                assertTrue(runs.get() < 500, runs::toString);
            }
        }
    }

    @Test
    void whenARunFailsNoPartOfItIsStillRunning() {
        try (Workers workers = new Workers(3)) {
            for (int round = 0; round < 200; round++) {
                AtomicInteger inside = new AtomicInteger();
                assertThrows(IllegalStateException.class, () -> workers.run(30, (part, worker) -> {
                    inside.incrementAndGet();
                    try {
                        if (part == 3) {
                            throw new IllegalStateException();
                        }
                        Thread.yield();
                    } finally {
                        inside.decrementAndGet();
                    }
                }));
                assertEquals(0, inside.get());
            }
        }
    }

    @Test
    void manyCallersAtATime() throws Exception {
        try (Workers workers = new Workers(3); var callers = Executors.newFixedThreadPool(8)) {
            List<Future<?>> done = new ArrayList<>();
            for (int caller = 0; caller < 8; caller++) {
                boolean fails = caller == 0;
                done.add(callers.submit(() -> {
                    for (int round = 0; round < 2000; round++) {
                        AtomicInteger sum = new AtomicInteger();
                        workers.run(17, (part, worker) -> sum.addAndGet(part));
                        assertEquals(136, sum.get());
                        if (fails) {
                            assertThrows(ArithmeticException.class, () -> workers.run(17, (part, worker) -> {
                                throw new ArithmeticException();
                            }));
                        }
                    }
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
        }
    }

    @Test
    void aRunWithinARun() {
        try (Workers workers = new Workers(3)) {
            AtomicInteger runs = new AtomicInteger();
            workers.run(10, (part, worker) -> workers.run(10, (inner, same) -> runs.incrementAndGet()));
            assertEquals(100, runs.get());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void aHundredThousandTinyRunsEnd(int threads) {
        try (Workers workers = new Workers(threads)) {
            AtomicInteger runs = new AtomicInteger();
            for (int i = 0; i < 100_000; i++) {
                workers.run(3, (part, worker) -> runs.incrementAndGet());
            }
            assertEquals(300_000, runs.get());
        }
    }

    @Test
    void closingEndsThreadsThatSpinAndThreadsThatAreParked() throws Exception {
        for (int idleMillis : new int[] {0, 20}) {
            Set<Thread> before = threads();
            Workers workers = new Workers(4);
            workers.run(10, (part, worker) -> Thread.onSpinWait());
            Thread.sleep(idleMillis);
            Set<Thread> started = threads();
            started.removeAll(before);
            assertEquals(3, started.size());
            workers.close();
            workers.close();
            for (Thread thread : started) {
                thread.join(5000);
                assertFalse(thread.isAlive(), thread + " did not end");
            }
        }
    }

    @Test
    void aRunThatIsClosedUnderwayOrBeginsLaterStillEnds() {
        Workers workers = new Workers(3);
        AtomicBoolean first = new AtomicBoolean(true);
        AtomicInteger runs = new AtomicInteger();
        Workers.Task task = (part, worker) -> {
            if (first.getAndSet(false)) {
                workers.close();
            }
            runs.incrementAndGet();
        };
        workers.run(50, task);
        workers.run(50, task);
        assertEquals(100, runs.get());
    }

    @Test
    void atLeastOneThread() {
        for (int threads : new int[] {0, -1}) {
            String message = assertThrows(IllegalArgumentException.class, () -> new Workers(threads)).getMessage();
            assertEquals("threads must be at least 1, not " + threads + ".", message);
        }
    }

    private static Set<Thread> threads() {
        Set<Thread> all = new HashSet<>(Thread.getAllStackTraces().keySet());
        all.removeIf(thread -> !thread.getName().startsWith("bert4j-"));
        return all;
    }
}
