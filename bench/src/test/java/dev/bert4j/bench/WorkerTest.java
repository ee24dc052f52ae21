package dev.bert4j.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerTest {
    @Test
    void answersAreObjects() {
        assertEquals(List.of(1.5, 2L), Worker.answer("{\"millis\": [1.5, 2]}").get("millis"));
        var error = assertThrows(IllegalStateException.class, () -> Worker.answer("{\"error\": \"no such texts\"}"));
        assertEquals("no such texts", error.getMessage());
        assertThrows(IllegalStateException.class, () -> Worker.answer("[1]"));
        assertThrows(IllegalStateException.class, () -> Worker.answer("chatter"));
    }

    @Test
    void valuesAreLittleEndian() {
        assertArrayEquals(new float[] {1, -2}, WorkerEngine.floats("AACAPwAAAMA="));
    }

    @Test
    void asksAProcess() throws IOException {
        // An echo in place of a worker: what was asked comes back.
        try (Worker worker = new Worker(List.of("cat"), new File("/dev/null"))) {
            assertEquals("run", worker.ask(Map.of("op", "run")).get("op"));
        }
        try (Worker worker = new Worker(List.of("true"), new File("/dev/null"))) {
            assertThrows(IllegalStateException.class, worker::read);
        }
    }
}
