package dev.bert4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.Golden;
import dev.bert4j.json.Json;
import dev.bert4j.sentence.SentenceEncoder;
import dev.bert4j.sentence.SentenceOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of sentences: what they print, and a matrix that survives being killed. */
class EmbedCommandTest {
    private static final Path MODEL = Golden.resources().resolve("sentence").resolve("pool_mean_tokens");
    private static final int WIDTH = 16;

    @TempDir
    Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private Path lines(int count) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add("line " + i + " one two three".substring(0, i % 14));
        }
        return Files.write(folder.resolve("big.txt"), lines);
    }

    @Test
    void jsonHasEachTextWithItsVector() throws Exception {
        assertEquals(0, run("embed", "--model", MODEL.toString(), "--json", "A dog chases a fox", ""), err.toString());
        List<String> answers = out.toString().lines().toList();
        assertEquals(2, answers.size());
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(MODEL)) {
            for (int i = 0; i < 2; i++) {
                Map<?, ?> answer = (Map<?, ?>) Json.parse(answers.get(i), "answer");
                String text = i == 0 ? "A dog chases a fox" : "";
                assertEquals(List.of("text", "embedding"), new ArrayList<>(answer.keySet()));
                assertEquals(text, answer.get("text"));
                float[] vector = encoder.encode(text);
                List<?> values = (List<?>) answer.get("embedding");
                assertEquals(vector.length, values.size());
                for (int k = 0; k < vector.length; k++) {
                    assertEquals(vector[k], ((Number) values.get(k)).floatValue(), "reads back to the same float");
                }
            }
        }
    }

    /** An easy slip, for with -o the name of a file does stand for its lines. */
    @Test
    void theNameOfAFileIsATextAndANoteSaysSo() throws Exception {
        String big = lines(3).toString();
        assertEquals(0, run("embed", "--model", MODEL.toString(), "--json", big, "two", big), err.toString());
        assertEquals(3, out.toString().lines().count());
        assertEquals(List.of("bert: the name of the file " + big + " was taken as a text; give --file " + big
                + " for its lines."), err.toString().lines().toList());
        assertEquals(0, run("embed", "--model", MODEL.toString(), "--json", "two", "what? no\0file"), err.toString());
        assertEquals("", err.toString());
    }

    @Test
    void aFileBecomesAMatrixOfNumPy() throws Exception {
        Path npy = folder.resolve("v.npy");
        Path big = lines(300);
        assertEquals(0, run("embed", "--model", MODEL.toString(), big.toString(), "-o", npy.toString()),
                err.toString());
        byte[] whole = Files.readAllBytes(npy);
        String header = new String(whole, 0, 128, StandardCharsets.ISO_8859_1);
        assertTrue(header.startsWith("\u0093NUMPY\u0001\u0000v\u0000{'descr': '<f4', 'fortran_order': False, 'shape':"
                + " (300, " + WIDTH + "), }"), header);
        assertTrue(header.endsWith("\n"));
        assertEquals(128 + 300 * WIDTH * 4, whole.length);
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(MODEL)) {
            float[] last = encoder.encode(Files.readAllLines(big).getLast());
            float[] there = new float[WIDTH];
            ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).position(128 + 299 * WIDTH * 4)
                    .asFloatBuffer().get(there);
            assertArrayEquals(last, there);
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count(), "nothing else stays");
        }
    }

    @Test
    void whatWasBegunGoesOnBehindItsWholeRows() throws Exception {
        Path npy = folder.resolve("v.npy");
        Path big = lines(300);
        assertEquals(0, run("embed", "--model", MODEL.toString(), big.toString(), "-o", npy.toString()));
        byte[] whole = Files.readAllBytes(npy);
        String identity = EmbedCommand.identity(MODEL, SentenceOptions.defaults().withBatchTokens(4096)) + false;
        for (int bytes : new int[] {0, 5, 128, 128 + 3, 128 + 64 * 10, 128 + 64 * 10 + 63, whole.length - 1}) {
            try (NpyFile begun = NpyFile.open(npy, big, identity, WIDTH)) {
                assertEquals(0, begun.rows());
            }
            Path part;
            try (Stream<Path> files = Files.list(folder)) {
                part = files.filter(file -> file.toString().endsWith(".part")).findFirst().orElseThrow();
            }
            byte[] begun = whole.clone();
            System.arraycopy(Files.readAllBytes(part), 0, begun, 0, 128);
            Files.write(part, Arrays.copyOf(begun, bytes));
            Files.delete(npy);
            assertEquals(0, run("embed", "--model", MODEL.toString(), big.toString(), "-o", npy.toString()));
            assertArrayEquals(whole, Files.readAllBytes(npy), bytes + " bytes were there");
            int rows = Math.max(0, (bytes - 128) / (4 * WIDTH));
            assertEquals(rows > 0, err.toString().contains("going on behind " + rows + " lines"), err.toString());
        }
    }

    @Test
    void whatWasBegunOfAnotherInputIsNotKept() throws Exception {
        Path npy = folder.resolve("v.npy");
        Path big = lines(20);
        try (NpyFile begun = NpyFile.open(npy, big, "other", WIDTH)) {
            begun.append(new float[7][WIDTH]);
        }
        assertEquals(0, run("embed", "--model", MODEL.toString(), big.toString(), "-o", npy.toString()));
        assertEquals(128 + 20 * WIDTH * 4, Files.size(npy));
        assertFalse(err.toString().contains("going on"), err.toString());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count(), "nothing else stays");
        }
    }

    /** Lines of JSON become the rows of their texts, and not of the JSON. */
    @Test
    void linesOfJsonBecomeAMatrixToo() throws Exception {
        Path plain = Files.writeString(folder.resolve("plain"), "A dog\nchases a fox\n");
        Path json = Files.writeString(folder.resolve("json"), "\"A dog\"\n{\"text\": \"chases a fox\"}\n");
        Path a = folder.resolve("a.npy");
        Path b = folder.resolve("b.npy");
        assertEquals(0, run("embed", "--model", MODEL.toString(), plain.toString(), "-o", a.toString()));
        assertEquals(0, run("embed", "--model", MODEL.toString(), "--json-lines", json.toString(), "-o", b.toString()),
                err.toString());
        assertArrayEquals(Files.readAllBytes(a), Files.readAllBytes(b));
        Files.writeString(json, "{\"text\": 1}\n");
        assertEquals(1, run("embed", "--model", MODEL.toString(), "--json-lines", json.toString(), "-o", b.toString()));
        assertTrue(err.toString().contains(json + ", line 1: it must be a JSON string"), err.toString());
    }

    @Test
    void twoRunsAtOnceDoNotMixTheirRows() throws Exception {
        Path npy = folder.resolve("v.npy");
        Path big = lines(20);
        String identity = EmbedCommand.identity(MODEL, SentenceOptions.defaults().withBatchTokens(4096)) + false;
        try (NpyFile begun = NpyFile.open(npy, big, identity, WIDTH)) {
            begun.append(new float[1][WIDTH]);
            assertEquals(1, run("embed", "--model", MODEL.toString(), big.toString(), "-o", npy.toString()));
            assertTrue(err.toString().contains(npy + " is being written by another run; let it end."), err.toString());
            assertEquals(1, begun.rows());
        }
    }

    @Test
    void anotherModelInTheSamePlaceBeginsAnew() throws Exception {
        SentenceOptions how = SentenceOptions.defaults();
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("model.safetensors"), "a");
        String before = EmbedCommand.identity(model, how);
        assertEquals(before, EmbedCommand.identity(model, how));
        Files.writeString(model.resolve("model.safetensors"), "ab");
        assertNotEquals(before, EmbedCommand.identity(model, how));
        assertNotEquals(EmbedCommand.identity(model, how), EmbedCommand.identity(model, how.normalized()));
    }

    @Test
    void similarityAndRerankAnswer() {
        assertEquals(0, run("similarity", "--model", MODEL.toString(), "--json", "one two", "one two", "a dog"));
        List<String> scores = out.toString().lines().toList();
        assertEquals(2, scores.size());
        assertTrue(scores.getFirst().startsWith("{\"text\":\"one two\",\"score\":1.0"), scores.getFirst());
        String cross = Golden.resources().resolve("sentence").resolve("cross1").toString();
        assertEquals(0, run("rerank", "--model", cross, "--query", "Where do you live?", "A dog chases a fox",
                "I live in New York, near the sea."));
        assertTrue(out.toString().lines().findFirst().orElseThrow().endsWith("I live in New York, near the sea."));
        String three = Golden.resources().resolve("sentence").resolve("cross3").toString();
        assertEquals(1, run("rerank", "--model", three, "--query", "q", "a"));
        assertTrue(err.toString().contains("A model of 3 labels cannot rank"), err.toString());
    }

    @Test
    void searchFindsTheLineItself() throws Exception {
        Path file = Files.write(folder.resolve("corpus.txt"), List.of("one two three", "A dog chases a fox", "Hello"));
        assertEquals(0, run("search", "--model", MODEL.toString(), "--top-k", "2", "--json", file.toString(),
                "A dog chases a fox"), err.toString());
        List<String> hits = out.toString().lines().toList();
        assertEquals(2, hits.size());
        Map<?, ?> first = (Map<?, ?>) Json.parse(hits.getFirst(), "hit");
        assertEquals("A dog chases a fox", first.get("text"));
        assertEquals(2, ((Number) first.get("line")).intValue());
        assertEquals(1, ((Number) first.get("score")).doubleValue(), 1e-6);
    }

    @Test
    void wrongUseIsOneSentence() throws Exception {
        Path own = lines(2);
        assertEquals(2, run("embed", "--model", MODEL.toString(), own.toString(), "-o", own.toString()));
        assertTrue(err.toString().contains("which would be lost."), err.toString());
        assertEquals(2, Files.readAllLines(own).size());
        assertEquals(2, run("embed", "--model", MODEL.toString(), own.toString(), "-o", folder.toString()));
        assertTrue(err.toString().contains("-o must name a file to write, not '" + folder + "'."), err.toString());
        assertEquals(2, run("embed", "--model", MODEL.toString(), "a", "b", "-o", folder.resolve("x.npy").toString()));
        assertTrue(err.toString().contains("With -o the texts must be the lines of one file."), err.toString());
        assertEquals(2, run("embed", "--model", MODEL.toString(), "no.txt", "-o", folder.resolve("x.npy").toString()));
        assertTrue(err.toString().contains("must be the lines of one file, and there is no file no.txt."),
                err.toString());
        Path nowhere = folder.resolve("nowhere").resolve("x.npy");
        assertEquals(1, run("embed", "--model", MODEL.toString(), lines(2).toString(), "-o", nowhere.toString()));
        assertTrue(err.toString().contains(nowhere + " cannot be written: its folder is not there."), err.toString());
        assertEquals(2, run("embed", "--model", MODEL.toString(), "--prompt-name", "query", "a"));
        assertTrue(err.toString().contains("There is no prompt 'query'; the model has none."), err.toString());
        assertEquals(2, run("embed", "--model", MODEL.toString(), "--dim", "17", "a"));
        assertTrue(err.toString().contains("truncateDim is 17, and vectors of this model have 16 values."),
                err.toString());
    }
}
