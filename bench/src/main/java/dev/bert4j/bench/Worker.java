package dev.bert4j.bench;

import dev.bert4j.json.Json;
import dev.bert4j.json.JsonException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process that measures an engine which is not of this JVM: a line of JSON goes in, a line of JSON comes back. A
 * worker that says nothing for minutes is given up, so that one stuck library does not stop the others.
 */
final class Worker implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 300;

    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;
    private final ExecutorService reader = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("worker").factory());

    /** Starts it; what its libraries chatter goes to a file. */
    Worker(List<String> command, File log) throws IOException {
        process = new ProcessBuilder(command).redirectError(log).start();
        in = new BufferedWriter(process.outputWriter(StandardCharsets.UTF_8));
        out = process.inputReader(StandardCharsets.UTF_8);
    }

    /** The next line that it says. */
    Map<?, ?> read() {
        try {
            String line = reader.submit(out::readLine).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null) {
                throw new IllegalStateException("the process ended");
            }
            return answer(line);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new IllegalStateException("no answer within " + PATIENCE_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A line as the object that it is; an error is thrown. */
    static Map<?, ?> answer(String line) {
        try {
            if (Json.parse(line, "An answer") instanceof Map<?, ?> map) {
                if (map.get("error") instanceof String error) {
                    throw new IllegalStateException(error);
                }
                return map;
            }
        } catch (JsonException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        throw new IllegalStateException("an answer that is no object: " + line);
    }

    /** Asks and waits for the answer. */
    Map<?, ?> ask(Map<String, Object> request) {
        try {
            in.write(Json.write(request));
            in.newLine();
            in.flush();
        } catch (IOException e) {
            throw new IllegalStateException("the process ended", e);
        }
        return read();
    }

    @Override
    public void close() {
        try {
            in.write("{\"op\": \"quit\"}\n");
            in.flush();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        reader.shutdownNow();
    }
}
