package dev.bert4j.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.Golden;
import dev.bert4j.metrics.QueueMetrics;
import dev.bert4j.pipeline.FillMaskOptions;
import dev.bert4j.pipeline.FillMaskPipeline;
import dev.bert4j.pipeline.Pipelines;
import dev.bert4j.sentence.SentenceEncoder;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that run together: nobody's answer is lost, doubled or another's, whatever happens to the others. */
@Timeout(60)
class MicroBatcherTest {
    private final List<List<Integer>> seen = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch hold = new CountDownLatch(1);

    /** Doubles; 0 waits until it is let go, and a negative number fails. */
    private List<Integer> work(List<Integer> batch) {
        seen.add(batch);
        if (batch.contains(0)) {
            begun.countDown();
            try {
                hold.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        batch.stream().filter(i -> i < 0).findFirst().ifPresent(i -> {
            throw new IllegalArgumentException("no " + i);
        });
        return batch.stream().map(i -> 2 * i).toList();
    }

    private MicroBatcher<Integer, Integer> batcher(BatchSettings settings) {
        return new MicroBatcher<>(this::work, i -> i == 100 ? 1000 : 1, settings);
    }

    @Test
    void whatComesWhileOneRunsIsTheNextBatch() throws Exception {
        try (var batcher = batcher(BatchSettings.defaults())) {
            CompletableFuture<Integer> first = batcher.submit(0);
            begun.await();
            List<CompletableFuture<Integer>> later = new ArrayList<>();
            for (int i = 1; i <= 5; i++) {
                later.add(batcher.submit(i));
            }
            assertEquals(5, batcher.metrics().waiting());
            hold.countDown();
            assertEquals(0, first.get());
            for (int i = 1; i <= 5; i++) {
                assertEquals(2 * i, later.get(i - 1).get());
            }
            assertEquals(List.of(List.of(0), List.of(1, 2, 3, 4, 5)), seen);
            QueueMetrics metrics = batcher.metrics();
            assertEquals(2, metrics.batches());
            assertEquals(6, metrics.accepted());
            assertEquals(3, metrics.meanBatch());
            assertEquals(0, metrics.waiting());
        }
    }

    @Test
    void aBatchEndsWhereItWouldBeTooHeavyAndAHeavyItemRunsAlone() throws Exception {
        try (var batcher = batcher(BatchSettings.defaults().withMaxWeight(3))) {
            batcher.submit(0);
            begun.await();
            List<CompletableFuture<Integer>> all = new ArrayList<>();
            for (int i : new int[] {1, 2, 3, 4, 100, 5}) {
                all.add(batcher.submit(i));
            }
            hold.countDown();
            assertEquals(200, all.get(4).get());
            assertEquals(10, all.get(5).get());
            assertEquals(List.of(List.of(0), List.of(1, 2, 3), List.of(4), List.of(100), List.of(5)), seen);
        }
    }

    @Test
    void aFailureIsItsOwnCallersOnly() throws Exception {
        try (var batcher = batcher(BatchSettings.defaults())) {
            batcher.submit(0);
            begun.await();
            var good = batcher.submit(1);
            var bad = batcher.submit(-7);
            var other = batcher.submit(2);
            hold.countDown();
            assertEquals(2, good.get());
            assertEquals(4, other.get());
            assertEquals("no -7", assertThrows(ExecutionException.class, bad::get).getCause().getMessage());
            assertEquals("no -8", assertThrows(IllegalArgumentException.class, () -> batcher.call(-8)).getMessage());
            assertEquals(6, batcher.call(3));
        }
    }

    @Test
    void wrongNumbersOfAnswersAreAnError() {
        try (var batcher = new MicroBatcher<Integer, Integer>(batch -> List.of(), i -> 1, BatchSettings.defaults())) {
            assertEquals("The work gave 0 answers to 1 items.",
                    assertThrows(IllegalStateException.class, () -> batcher.call(1)).getMessage());
        }
    }

    @Test
    void aFullQueueRefusesWhoDoesNotWait() throws Exception {
        try (var batcher = batcher(BatchSettings.defaults().withQueueCapacity(2))) {
            batcher.submit(0);
            begun.await();
            var first = batcher.submit(1);
            batcher.submit(2);
            assertEquals("The queue is full: 2 items wait; try again later, or raise queueCapacity.",
                    assertThrows(RejectedExecutionException.class, () -> batcher.submit(3)).getMessage());
            assertThrows(TimeoutException.class, () -> batcher.call(3, Duration.ofMillis(20)));
            // Who gives up leaves room.
            assertTrue(first.cancel(false));
            var third = batcher.submit(3);
            Future<Integer> waiting;
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                waiting = pool.submit(() -> batcher.call(4));
                hold.countDown();
                assertEquals(8, waiting.get());
            }
            assertEquals(6, third.get());
            assertFalse(seen.stream().anyMatch(batch -> batch.contains(1)), seen.toString());
        }
    }

    /** Who waits for room hears of it at once, long before the batch that is running ends. */
    @Test
    void roomThatSomebodyLeavesIsForWhoWaits() throws Exception {
        try (var batcher = batcher(BatchSettings.defaults().withQueueCapacity(1));
                var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            batcher.submit(0);
            begun.await();
            var queued = batcher.submit(1);
            Future<Integer> waiting = pool.submit(() -> batcher.call(2, Duration.ofSeconds(60)));
            while (batcher.metrics().accepted() < 3) {
                Thread.sleep(20);
                queued.cancel(false);
            }
            hold.countDown();
            assertEquals(4, waiting.get());
        }
    }

    @Test
    void whoIsLateOrInterruptedDoesNotRun() throws Exception {
        try (var batcher = batcher(BatchSettings.defaults())) {
            batcher.submit(0);
            begun.await();
            assertThrows(TimeoutException.class, () -> batcher.call(1, Duration.ofMillis(20)));
            assertThrows(TimeoutException.class, () -> batcher.call(2, Duration.ZERO));
            CountDownLatch ended = new CountDownLatch(1);
            Thread caller = Thread.startVirtualThread(() -> {
                assertThrows(InterruptedException.class, () -> batcher.call(3));
                ended.countDown();
            });
            while (batcher.metrics().waiting() < 3) {
                Thread.onSpinWait();
            }
            caller.interrupt();
            ended.await();
            hold.countDown();
            assertEquals(8, batcher.call(4));
            assertEquals(List.of(List.of(0), List.of(4)), seen);
            assertThrows(IllegalArgumentException.class, () -> batcher.call(-1));
            QueueMetrics metrics = batcher.metrics();
            assertEquals(6, metrics.accepted());
            assertEquals(2, metrics.answered());
            assertEquals(1, metrics.failed());
            assertEquals(2, metrics.expired());
            assertEquals(1, metrics.cancelled());
            assertEquals(0, metrics.running() + metrics.waiting());
        }
    }

    @Test
    void closingAnswersWhatWasAcceptedAndRefusesTheRest() throws Exception {
        var batcher = batcher(BatchSettings.defaults());
        var first = batcher.submit(0);
        begun.await();
        var second = batcher.submit(1);
        Thread closing = Thread.ofPlatform().start(batcher::close);
        while (closing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertEquals("The batcher is closed.",
                assertThrows(RejectedExecutionException.class, () -> batcher.submit(2)).getMessage());
        assertFalse(second.isDone());
        hold.countDown();
        closing.join();
        assertEquals(0, first.getNow(-1));
        assertEquals(2, second.getNow(-1));
        batcher.close();
    }

    @Test
    void manyCallersGetTheirOwnAnswers() throws Exception {
        AtomicInteger wrong = new AtomicInteger();
        int callers = 200;
        int calls = 50;
        QueueMetrics metrics;
        try (var batcher = new MicroBatcher<Integer, Integer>(batch -> batch.stream().map(i -> 3 * i).toList(), i -> 1,
                new BatchSettings(16, 8)); var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                int base = caller * calls;
                all.add(pool.submit(() -> {
                    for (int i = base; i < base + calls; i++) {
                        if (batcher.call(i) != 3 * i) {
                            wrong.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            metrics = batcher.metrics();
        }
        assertEquals(0, wrong.get());
        assertEquals((long) callers * calls, metrics.waits().count());
        assertTrue(metrics.batches() < metrics.accepted(), metrics.toString());
    }

    @Test
    void aModelGivesTheBitsOfACallAlone() throws Exception {
        List<String> texts = List.of("A dog chases a fox", "a", "", "one two three", "Hello there!");
        try (var encoder = SentenceEncoder.fromPretrained(
                Golden.resources().resolve("sentence").resolve("pool_mean_tokens"));
                var batcher = new MicroBatcher<String, float[]>(some -> Arrays.asList(encoder.encode(some)),
                        String::length, BatchSettings.defaults());
                var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            List<float[]> alone = texts.stream().map(encoder::encode).toList();
            List<Future<float[]>> all = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                String text = texts.get(i % texts.size());
                all.add(pool.submit(() -> batcher.call(text)));
            }
            for (int i = 0; i < all.size(); i++) {
                assertArrayEquals(alone.get(i % texts.size()), all.get(i).get());
            }
        }
    }

    /** Not that of an input of several, which nobody gave. */
    @Test
    void whatAPipelineRefusesIsTheSentenceOfACallAlone() throws Exception {
        FillMaskOptions options = new FillMaskOptions(1, null);
        try (FillMaskPipeline pipeline = Pipelines.from(Golden.resources().resolve("pipelines").resolve("fill_mask"))
                .fillMask();
                var batcher = new MicroBatcher<String, List<List<FillMaskPipeline.Prediction>>>(
                        some -> pipeline.apply(some.stream(), options).toList(), String::length,
                        BatchSettings.defaults())) {
            assertEquals(1, batcher.call("A [MASK].").size());
            String alone = assertThrows(IllegalArgumentException.class,
                    () -> pipeline.apply("A", options)).getMessage();
            String batched = assertThrows(IllegalArgumentException.class, () -> batcher.call("A")).getMessage();
            assertEquals(alone, batched);
            assertTrue(alone.startsWith("The text has no [MASK]"), alone);
        }
    }

    /** A list whose elements cannot be had, and an error that is none of an item: nobody waits for ever. */
    @Test
    void whateverTheWorkDoesLaterCallsAreAnswered() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (var batcher = new MicroBatcher<Integer, Integer>(batch -> switch (calls.getAndIncrement()) {
            case 0 -> new AbstractList<>() {
                @Override
                public Integer get(int index) {
                    throw new IllegalStateException("no element");
                }

                @Override
                public int size() {
                    return batch.size();
                }
            };
            case 1 -> throw new OutOfMemoryError("none left");
            case 2 -> {
                Thread.currentThread().interrupt();
                yield batch;
            }
            default -> {
                assertFalse(Thread.currentThread().isInterrupted());
                yield batch;
            }
        }, i -> 1, BatchSettings.defaults())) {
            assertEquals("no element", assertThrows(IllegalStateException.class, () -> batcher.call(1)).getMessage());
            assertThrows(OutOfMemoryError.class, () -> batcher.call(2));
            assertEquals(3, batcher.call(3));
            assertEquals(4, batcher.call(4, Duration.ofSeconds(Long.MAX_VALUE)));
            assertEquals(2, batcher.metrics().failed());
            assertEquals(2, batcher.metrics().answered());
        }
    }

    @Test
    void whatWouldWaitForItselfIsRefused() throws Exception {
        try (var batcher = batcher(BatchSettings.defaults())) {
            CompletableFuture<Integer> first = batcher.submit(0);
            CompletableFuture<Integer> after = first.thenApply(i -> {
                try {
                    return batcher.call(1);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            hold.countDown();
            assertTrue(assertThrows(ExecutionException.class, after::get).getCause().getMessage()
                    .startsWith("The work of a batch, or what follows on an answer, cannot wait"));
            assertEquals(4, batcher.call(2));
        }
    }

    @Test
    void weightsDoNotOverflow() throws Exception {
        try (var batcher = new MicroBatcher<Long, Long>(batch -> batch.stream().map(i -> (long) batch.size()).toList(),
                i -> i, new BatchSettings(100, 10))) {
            CompletableFuture<Long> large = batcher.submit(Long.MAX_VALUE);
            List<CompletableFuture<Long>> all = new ArrayList<>();
            for (long weight : new long[] {1, Long.MAX_VALUE, Long.MAX_VALUE, 2}) {
                all.add(batcher.submit(weight));
            }
            assertEquals(1, large.get());
            assertEquals(1, all.get(1).get());
            assertEquals(1, all.get(2).get());
            assertEquals("An item weighs -1; weights must be at least 0.",
                    assertThrows(IllegalArgumentException.class, () -> batcher.submit(-1L)).getMessage());
        }
    }
}
