package dev.bert4j.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * An engine of Python, in a process of its own that {@code peers/worker.py} is. It times its calls itself, so that what
 * is measured is the library and not the pipe.
 */
final class WorkerEngine implements Engine {
    private final Worker worker;
    private final String name;
    private final String description;
    private int loaded;

    private WorkerEngine(Worker worker, String name, String description) {
        this.worker = worker;
        this.name = name;
        this.description = description;
    }

    /**
     * Starts it.
     *
     * @throws IllegalStateException if it cannot run here; the message says why
     */
    static WorkerEngine open(String engine, Path folder, int threads) {
        Path target = Path.of(System.getProperty("bench.target", "target"));
        Path script = Path.of(System.getProperty("bench.peers", "peers")).resolve("worker.py");
        Path python = target.resolve("venv/bin/python");
        if (!Files.isReadable(script) || !Files.isExecutable(python)) {
            throw new IllegalStateException("there is no " + (Files.isReadable(script) ? python : script));
        }
        try {
            Path cache = Files.createDirectories(target.resolve("cache"));
            Worker worker = new Worker(List.of(python.toString(), script.toString(), "--engine", engine, "--model",
                    folder.toString(), "--threads", Integer.toString(threads), "--cache", cache.toString()),
                    target.resolve("worker-" + engine + ".log").toFile());
            try {
                Map<?, ?> hello = worker.read();
                if (!Boolean.TRUE.equals(hello.get("ready"))) {
                    throw new IllegalStateException(String.valueOf(hello.get("reason")));
                }
                // The same library may be measured in Java, too.
                String name = engine.equals("onnxruntime") ? "ONNX Runtime Python"
                        : String.valueOf(hello.get("engine"));
                return new WorkerEngine(worker, name, name + " " + hello.get("version") + ": "
                        + hello.get("description"));
            } catch (RuntimeException e) {
                worker.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Call prepare(List<int[]> texts, int[][] batches) {
        String key = "r" + loaded++;
        worker.ask(Map.of("op", "load", "name", key, "texts", lists(texts.toArray(int[][]::new)), "batches",
                lists(batches)));
        return new Remote(worker, key);
    }

    private static List<List<Integer>> lists(int[][] rows) {
        return Arrays.stream(rows).map(row -> Arrays.stream(row).boxed().toList()).toList();
    }

    @Override
    public void close() {
        worker.close();
    }

    private record Remote(Worker worker, String key) implements Call {
        @Override
        public Samples take(int uncounted, int atLeast, long nanos) {
            Map<?, ?> answer = worker.ask(Map.of("op", "run", "name", key, "seconds", nanos / 1e9, "uncounted",
                    uncounted, "at_least", atLeast));
            return new Samples().addMillis((List<?>) answer.get("millis"));
        }

        @Override
        public float[] values() {
            Map<?, ?> answer = worker.ask(Map.of("op", "values", "name", key));
            return floats(String.valueOf(answer.get("hidden")));
        }

        @Override
        public void close() {
            worker.ask(Map.of("op", "drop", "name", key));
        }
    }

    /** The values that Base64 of little-endian fp32 holds. */
    static float[] floats(String base64) {
        var buffer = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }
}
