package dev.bert4j.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.Golden;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.DoubleAccumulator;

/**
 * One call of a pipeline of the reference: a line of {@code pipelines/expected.jsonl}.
 *
 * @param outputs what it answered to each input, or null if it refused
 * @param error how it refused, or null
 */
record GoldenRow(int line, Path folder, String task, Map<?, ?> params, List<?> inputs, List<?> outputs, String error) {
    private static final Set<String> FIELDS = Set.of("model", "task", "params", "inputs", "outputs", "error");

    private static final DoubleAccumulator LARGEST = new DoubleAccumulator(Math::max, 0);

    /** The largest deviation so far, of 1 + |value|. */
    static double largest() {
        return LARGEST.get();
    }

    static List<GoldenRow> all() throws IOException {
        Path folder = Golden.folder().resolve("pipelines");
        List<GoldenRow> rows = new ArrayList<>();
        for (String text : Files.readAllLines(folder.resolve("expected.jsonl"))) {
            Map<?, ?> row = (Map<?, ?>) Json.parse(text, "line " + (rows.size() + 1));
            assertTrue(FIELDS.containsAll(row.keySet()), "unknown fields: " + row.keySet());
            assertTrue(row.containsKey("outputs") != row.containsKey("error"), "either outputs or an error");
            rows.add(new GoldenRow(rows.size() + 1, folder.resolve((String) row.get("model")),
                    (String) row.get("task"), (Map<?, ?>) row.get("params"), (List<?>) row.get("inputs"),
                    (List<?>) row.get("outputs"), (String) row.get("error")));
        }
        return rows;
    }

    /** Fails if the row has a parameter that the test would pass over. */
    void requireKnown(String... names) {
        Set<Object> unknown = new HashSet<>(params.keySet());
        unknown.removeAll(List.of(names));
        assertTrue(unknown.isEmpty(), this + ": parameters that no test knows: " + unknown);
    }

    boolean has(String name) {
        return params.containsKey(name);
    }

    /** A parameter; null if it is None, or not there. */
    Object get(String name) {
        return params.get(name);
    }

    int integer(String name) {
        return Math.toIntExact((Long) params.get(name));
    }

    boolean flag(String name) {
        return Boolean.TRUE.equals(params.get(name));
    }

    String string(String name) {
        return (String) params.get(name);
    }

    @SuppressWarnings("unchecked")
    List<String> strings(String name) {
        return (List<String>) params.get(name);
    }

    @SuppressWarnings("unchecked")
    List<String> texts() {
        return (List<String>) inputs;
    }

    /** The pairs of a list of objects. */
    List<TextPair> pairs() {
        return inputs.stream().map(input -> (Map<?, ?>) input)
                .map(pair -> new TextPair((String) pair.get("text"), (String) pair.get("text_pair"))).toList();
    }

    /** Fails unless a score is near the reference's. */
    void near(Object expected, double actual, double tolerance, String where) {
        double wanted = ((Number) expected).doubleValue();
        LARGEST.accumulate(Math.abs(actual - wanted) / (1 + Math.abs(wanted)));
        assertEquals(wanted, actual, tolerance * (1 + Math.abs(wanted)), this + ", " + where);
    }

    @Override
    public String toString() {
        return "line " + line + ", " + folder.getFileName() + ", " + task + " " + params;
    }
}
