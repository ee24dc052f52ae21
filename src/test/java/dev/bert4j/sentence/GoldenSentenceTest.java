package dev.bert4j.sentence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import dev.bert4j.json.Json;
import dev.bert4j.sentence.CrossEncoder.Pair;
import dev.bert4j.sentence.CrossEncoder.Ranked;
import dev.bert4j.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the reference's sentence embeddings, similarities and cross-encoders, on every backend. */
class GoldenSentenceTest {
    /** Of 1 + |value|: the reference's own embeddings move by up to 1e-6 with the batch that they are in. */
    private static final double TOLERANCE = 1e-5;
    private static final Path FOLDER = Golden.folder().resolve("sentence");

    private static int compared;
    private static double largest;

    static Stream<Arguments> rows() throws IOException {
        List<Map<?, ?>> rows = read();
        return Golden.backends().stream().flatMap(backend -> rows.stream().map(row -> Arguments.of(backend, row)));
    }

    private static List<Map<?, ?>> read() throws IOException {
        List<Map<?, ?>> rows = new ArrayList<>();
        for (String line : Files.readAllLines(FOLDER.resolve("expected.jsonl"))) {
            rows.add((Map<?, ?>) Json.parse(line, "a row"));
        }
        return rows;
    }

    @AfterAll
    static void report() {
        System.out.printf(Locale.ROOT, "Golden sentences: %d rows compared on %s, largest deviation %.2e of"
                + " 1 + |value|%n", compared, Golden.backends(), largest);
    }

    /** A folder that no row is for would never be opened. */
    @Test
    void allFoldersHaveRows() throws Exception {
        Set<String> named = read().stream().map(row -> (String) row.get("model"))
                .collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertEquals(named, files.filter(Files::isDirectory).map(file -> file.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void row(String backend, Map<?, ?> row) throws Exception {
        LoadOptions load = LoadOptions.defaults().withBackend(backend).withThreads(1);
        Path folder = FOLDER.resolve((String) row.get("model"));
        if (row.get("cross_encoder") == null) {
            try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(folder, load);
                    Checkpoint expected = Checkpoint.open(FOLDER.resolve("expected.safetensors"))) {
                embeddings(row, encoder, expected);
            }
        } else {
            try (CrossEncoder encoder = CrossEncoder.fromPretrained(folder, load)) {
                scores(row, encoder);
            }
        }
        compared++;
    }

    private static void embeddings(Map<?, ?> row, SentenceEncoder encoder, Checkpoint expected) {
        SentenceOptions options = SentenceOptions.defaults();
        for (Map.Entry<?, ?> param : ((Map<?, ?>) row.get("params")).entrySet()) {
            options = switch ((String) param.getKey()) {
                case "prompt" -> options.withPrompt((String) param.getValue());
                case "prompt_name" -> options.withPromptName((String) param.getValue());
                case "normalize_embeddings" -> (Boolean) param.getValue() ? options.normalized() : options;
                case "truncate_dim" -> options.withTruncateDim(((Number) param.getValue()).intValue());
                default -> throw new AssertionError("unknown parameter " + param);
            };
        }
        assertEquals(((Number) row.get("max_seq_length")).intValue(), encoder.maxSeqLength());
        List<String> texts = ((List<?>) row.get("texts")).stream().map(String.class::cast).toList();
        float[][] vectors = encoder.encode(texts, options);
        same(expected.get((String) row.get("embeddings")).toFloatArray(), joined(vectors));
        for (int i = 0; i < vectors.length; i++) {
            assertArrayEquals(vectors[i], encoder.encode(List.of(texts.get(i)), options)[0], "alone: the same bits");
        }
        assertArrayEquals(joined(vectors), joined(encoder.encode(texts, options.withBatchTokens(1))));
        if (options.truncateDim() == 0) {
            assertEquals(encoder.dimension(), vectors[0].length);
        }
        if (row.get("similarity") instanceof List<?> similarity) {
            assertEquals(similarity.get(0), encoder.similarityFunction().name().toLowerCase(Locale.ROOT));
            same(expected.get((String) similarity.get(1)).toFloatArray(),
                    joined(encoder.similarity(vectors, vectors)));
        }
    }

    private static float[] joined(float[][] rows) {
        float[] all = new float[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, all, i * rows[0].length, rows[0].length);
        }
        return all;
    }

    private static void same(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            double deviation = Math.abs((double) expected[i] - actual[i]) / (1 + Math.abs(expected[i]));
            assertTrue(deviation <= TOLERANCE, i + ": " + actual[i] + " instead of " + expected[i]);
            largest = Math.max(largest, deviation);
        }
    }

    private static void scores(Map<?, ?> row, CrossEncoder encoder) {
        if (row.get("rank") instanceof Map<?, ?> rank) {
            List<String> documents = ((List<?>) rank.get("documents")).stream().map(String.class::cast).toList();
            List<Ranked> ranked = encoder.rank((String) rank.get("query"), documents);
            List<?> expected = (List<?>) row.get("output");
            assertEquals(expected.size(), ranked.size());
            for (int i = 0; i < ranked.size(); i++) {
                Map<?, ?> each = (Map<?, ?>) expected.get(i);
                assertEquals(((Number) each.get("corpus_id")).intValue(), ranked.get(i).corpusId());
                same(new float[] {((Number) each.get("score")).floatValue()}, new float[] {ranked.get(i).score()});
                assertEquals(documents.get(ranked.get(i).corpusId()), ranked.get(i).text());
            }
            return;
        }
        List<Pair> pairs = ((List<?>) row.get("pairs")).stream().map(List.class::cast)
                .map(pair -> new Pair((String) pair.get(0), (String) pair.get(1))).toList();
        Map<?, ?> params = (Map<?, ?>) row.get("params");
        assertTrue(params.isEmpty() || params.keySet().equals(Set.of("apply_softmax")), params.toString());
        float[][] scores = params.isEmpty() ? encoder.predict(pairs) : encoder.predictProbabilities(pairs);
        List<?> expected = (List<?>) row.get("scores");
        for (int i = 0; i < scores.length; i++) {
            List<?> values = expected.get(i) instanceof List<?> list ? list : List.of(expected.get(i));
            assertEquals(values.size(), scores[i].length);
            for (int label = 0; label < scores[i].length; label++) {
                same(new float[] {((Number) values.get(label)).floatValue()}, new float[] {scores[i][label]});
            }
        }
    }
}
