package dev.bert4j.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.ChildJvm;
import dev.bert4j.LoadOptions;
import dev.bert4j.metrics.ForwardMetrics;
import dev.bert4j.service.BatchSettings;
import dev.bert4j.service.MicroBatcher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Flight Recorder and the counters tell of a model at work. */
class EventsTest {
    private static final Path DEMO = Path.of("src/models/demo");

    @TempDir
    private Path folder;

    private Map<String, List<RecordedEvent>> recorded(Work work, String... names) throws Exception {
        Path file = folder.resolve("events.jfr");
        try (Recording recording = new Recording()) {
            for (String name : names) {
                recording.enable(name);
            }
            recording.start();
            work.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream().filter(e -> e.getEventType().getName().startsWith("dev."))
                .collect(Collectors.groupingBy(e -> e.getEventType().getName()));
    }

    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    @Test
    void aModelAtWorkIsRecorded() throws Exception {
        // The demo's small vocabulary cuts words into pieces.
        int two = 11;
        int one = 4;
        Map<String, List<RecordedEvent>> events = recorded(() -> {
            BertTokenizer tokenizer = BertTokenizer.fromPretrained(DEMO);
            try (BertModel model = BertModel.fromPretrained(DEMO, LoadOptions.defaults().withBackend("reference")
                    .withoutPoolingLayer())) {
                var encodings = tokenizer.encodeBatch(List.of("Nice to meet you.", "Hello"));
                assertEquals(two, encodings.getFirst().size() + encodings.getLast().size());
                model.forward(encodings.stream().map(BertInput::of).toList());
                assertEquals(one, tokenizer.encode("Hello there").size());
            }
        }, "dev.bert4j.Load", "dev.bert4j.Tokenize", "dev.bert4j.Forward");
        RecordedEvent load = only(events, "dev.bert4j.Load");
        assertEquals(DEMO.toString(), load.getString("folder"));
        assertEquals("BertModel", load.getString("modelClass"));
        assertEquals("reference", load.getString("backend"));
        assertEquals(Files.size(DEMO.resolve("model.safetensors")), load.getLong("mapped"));
        assertTrue(load.getLong("parameters") > 1_000_000);
        assertTrue(load.getDuration().toNanos() > 0);
        List<RecordedEvent> tokenize = events.get("dev.bert4j.Tokenize");
        assertEquals(List.of(2, 1), tokenize.stream().map(e -> e.getInt("texts")).toList());
        assertEquals(List.of((long) two, (long) one), tokenize.stream().map(e -> e.getLong("tokens")).toList());
        RecordedEvent forward = only(events, "dev.bert4j.Forward");
        assertTrue(forward.getString("model").endsWith("model.safetensors"));
        assertEquals("reference", forward.getString("backend"));
        assertEquals(2, forward.getInt("texts"));
        assertEquals(two, forward.getInt("tokens"));
        assertTrue(forward.getDuration().compareTo(Duration.ofMillis(1)) > 0, forward.toString());
        assertFalse(events.toString().contains("Nice"), "no text of anybody is in an event");
    }

    private static RecordedEvent only(Map<String, List<RecordedEvent>> events, String name) {
        assertEquals(1, events.getOrDefault(name, List.of()).size(), events.toString());
        return events.get(name).getFirst();
    }

    @Test
    void theTimeInTheQueueIsRecorded() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        Function<List<String>, List<Integer>> work = texts -> {
            begun.countDown();
            try {
                hold.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return texts.stream().map(String::length).toList();
        };
        Map<String, List<RecordedEvent>> events = recorded(() -> {
            try (var batcher = new MicroBatcher<>(work, String::length, BatchSettings.defaults())) {
                List<CompletableFuture<Integer>> all = new ArrayList<>(List.of(batcher.submit("a")));
                begun.await();
                all.addAll(List.of(batcher.submit("bb"), batcher.submit("ccc")));
                Thread.sleep(30);
                hold.countDown();
                for (CompletableFuture<Integer> each : all) {
                    each.get();
                }
                assertTrue(batcher.metrics().waits().max().compareTo(Duration.ofMillis(30)) >= 0);
            }
        }, "dev.bert4j.QueueWait");
        List<RecordedEvent> waits = events.get("dev.bert4j.QueueWait");
        assertEquals(List.of(1, 2, 2), waits.stream().map(e -> e.getInt("batchItems")).toList());
        assertEquals(List.of(1L, 5L, 5L), waits.stream().map(e -> e.getLong("batchWeight")).toList());
        assertTrue(waits.get(1).getDuration().compareTo(Duration.ofMillis(30)) >= 0, waits.toString());
    }

    @Test
    void whatNobodyEnabledIsNotRecorded() throws Exception {
        Path file = folder.resolve("none.jfr");
        try (Recording recording = new Recording()) {
            for (String name : List.of("Load", "Tokenize", "Forward", "QueueWait")) {
                recording.disable("dev.bert4j." + name);
            }
            recording.enable("dev.bert4j.Load");
            recording.start();
            BertTokenizer.fromPretrained(DEMO).encode("Hello");
            recording.stop();
            recording.dump(file);
        }
        assertEquals(List.of(), RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().startsWith("dev.")).toList());
    }

    @Test
    void passesAreCounted() throws Exception {
        BertModel closed;
        try (BertModel model = BertModel.fromPretrained(DEMO, LoadOptions.defaults().withThreads(1)
                .withoutPoolingLayer())) {
            closed = model;
            List<Thread> callers = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                callers.add(Thread.startVirtualThread(() -> {
                    for (int i = 0; i < 5; i++) {
                        model.forward(List.of(BertInput.of(2, 3, 4), BertInput.of(2, 3)));
                    }
                }));
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertThrows(IllegalArgumentException.class, () -> model.forward(BertInput.of(-1)));
            ForwardMetrics metrics = model.metrics();
            assertEquals(80, metrics.texts());
            assertEquals(200, metrics.tokens());
            assertEquals(0, metrics.failures());
            assertEquals(40, metrics.passes().count());
            assertTrue(metrics.passes().p50().isPositive()
                    && metrics.passes().p50().compareTo(metrics.passes().max()) <= 0, metrics.toString());
        }
        assertThrows(IllegalStateException.class, () -> closed.forward(BertInput.of(2)));
        assertEquals(1, closed.metrics().failures());
    }

    /** What a child does: a pass in a JVM that has no Flight Recorder. */
    static final class WithoutJfr {
        private WithoutJfr() {
        }

        public static void main(String[] args) throws Exception {
            if (ModuleLayer.boot().findModule("jdk.jfr").isPresent()) {
                throw new IllegalStateException("jdk.jfr is there");
            }
            int[] ids = BertTokenizer.fromPretrained(Path.of(args[0])).encode("Hello").ids();
            try (BertModel model = BertModel.fromPretrained(Path.of(args[0]),
                    LoadOptions.defaults().withoutPoolingLayer());
                    var batcher = new MicroBatcher<int[], Float>(batch -> batch.stream()
                            .map(each -> model.forward(BertInput.of(each)).lastHiddenState().data()[0]).toList(),
                            each -> each.length, BatchSettings.defaults())) {
                System.out.println("value " + batcher.call(ids) + ", passes " + model.metrics().passes().count());
            }
        }
    }

    @Test
    void aJvmWithoutTheFlightRecorderDoes() throws Exception {
        ChildJvm.Result result = ChildJvm.run(List.of("--limit-modules",
                "java.base,java.net.http,java.sql,jdk.incubator.vector", "--add-modules", "jdk.incubator.vector"),
                Map.of(), WithoutJfr.class, DEMO.toString());
        assertEquals(0, result.exit(), result.output());
        assertTrue(result.output().contains("passes 1"), result.output());
    }
}
