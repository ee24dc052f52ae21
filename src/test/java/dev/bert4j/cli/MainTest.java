package dev.bert4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bert4j.Golden;
import dev.bert4j.backend.Backends;
import dev.bert4j.backend.NativeCpu;
import dev.bert4j.json.Json;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a user types it, on the demo checkpoint. */
class MainTest {
    private static final String DEMO = "src/models/demo";

    private record Result(int code, String out, String err) {
    }

    @BeforeAll
    static void useTheDemo() {
        System.setProperty(FolderOptions.DEFAULT_MODEL, DEMO);
    }

    private static Result bert(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Result(code, out.toString(), err.toString());
    }

    @Test
    void fillMaskPrintsTheTenBestAndWhatItUsed() {
        Result result = bert("fill-mask", "Nice to [MASK] you.");
        assertEquals(0, result.code, result.err);
        List<String> lines = result.out.lines().toList();
        assertTrue(lines.get(0).contains(DEMO) && lines.get(0).contains("BertForMaskedLM"), lines.get(0));
        assertTrue(lines.get(1).contains("backend"), lines.get(1));
        assertTrue(lines.get(3).matches("token +score  sentence"), lines.get(3));
        assertTrue(lines.get(4).matches("see +0.1590  Nice to see you\\."), lines.get(4));
        assertEquals(4 + 10, lines.size());
    }

    /** The vector kernels are not worth their warming up; whoever names a backend gets that one. */
    @Test
    void littleWorkIsForTheScalarBackendUnlessOneIsNamed() throws Exception {
        String before = System.getProperty(Backends.PROPERTY);
        try {
            System.setProperty(Backends.PROPERTY, "");
            assumeTrue(System.getenv(Backends.VARIABLE) == null);
            assertEquals("reference", backendOf("fill-mask", "[MASK] you"));
            String best = NativeCpu.any() ? "nativecpu" : "vector";
            assertEquals(best, backendOf("fill-mask", "[MASK]" + " you".repeat(505)));
            assertEquals(best, backendOf("fill-mask", "--backend", "auto", "[MASK] you"));
            System.setProperty(Backends.PROPERTY, "vector");
            assertEquals("vector", backendOf("fill-mask", "[MASK] you"));
        } finally {
            if (before == null) {
                System.clearProperty(Backends.PROPERTY);
            } else {
                System.setProperty(Backends.PROPERTY, before);
            }
        }
    }

    private static Object backendOf(String... args) {
        Result result = bert(args);
        assertEquals(0, result.code, result.err);
        return result.out.lines().toList().get(1).split(" +")[1];
    }

    /** The answers that transformers gives with the same checkpoint; its card states the scores to six digits. */
    @ParameterizedTest
    @ValueSource(strings = {"vector", "reference"})
    void fillMaskAgreesWithTransformers(String backend) throws Exception {
        Map<?, ?> expected = (Map<?, ?>) Json.parse(Files.readAllBytes(Path.of(DEMO, "expected.json")), "expected");
        int compared = 0;
        for (Object entry : (List<?>) expected.get("prompts")) {
            Map<?, ?> prompt = (Map<?, ?>) entry;
            Result result = bert("fill-mask", "--json", "--backend", backend, (String) prompt.get("text"));
            assertEquals(0, result.code, result.err);
            List<String> answers = result.out.lines().toList();
            List<?> wanted = (List<?>) prompt.get("answers");
            assertEquals(wanted.size(), answers.size());
            for (int i = 0; i < wanted.size(); i++) {
                Map<?, ?> want = (Map<?, ?>) wanted.get(i);
                Map<?, ?> got = (Map<?, ?>) Json.parse(answers.get(i), "output");
                assertEquals(List.of("token", "id", "score", "sequence"), List.copyOf(got.keySet()));
                assertEquals(want.get("token"), got.get("token"), prompt.get("text") + " answer " + i);
                assertEquals((Double) want.get("score"), (Double) got.get("score"), 2e-6);
                compared++;
            }
        }
        assertEquals(100, compared);
    }

    @Test
    void severalMasksHaveATableEach() {
        Result result = bert("fill-mask", "--top-k", "1", "--threads", "1", "[MASK] to [MASK] you.");
        assertEquals(0, result.code, result.err);
        assertTrue(result.out.contains("mask 1 of 2") && result.out.contains("mask 2 of 2"), result.out);
        assertTrue(result.out.contains("Try to [MASK] you."), result.out);
    }

    @Test
    void tokenizeShowsIdsTokensAndOffsets() throws Exception {
        Result result = bert("tokenize", "A naïve [MASK].", "𝔸 pair");
        assertEquals(0, result.code, result.err);
        assertTrue(result.out.contains("##ve    5-7         ve"), result.out);
        Map<?, ?> json = (Map<?, ?>) Json.parse(bert("tokenize", "--json", "A [MASK]").out, "output");
        assertEquals(List.of("[CLS]", "A", "[MASK]", "[SEP]"), json.get("tokens"));
        assertEquals(List.of(2L, 37L, 4L, 3L), json.get("ids"));
        assertEquals(List.of(2L, 8L), ((List<?>) json.get("offsets")).get(2));
    }

    @Test
    void infoPrintsTreeSizeAndFiles() throws Exception {
        Result result = bert("info", DEMO);
        assertEquals(0, result.code, result.err);
        assertTrue(result.out.startsWith("BertForMaskedLM(\n  (bert): BertModel("), result.out);
        assertTrue(result.out.contains("parameters  5,462,784") && result.out.contains("10,933,920 bytes"), result.out);
        Map<?, ?> json = (Map<?, ?>) Json.parse(bert("info", "--json").out, "output");
        assertEquals(5_462_784L, json.get("parameters"));
        assertEquals("F16", json.get("weights"));
    }

    @Test
    void infoOpensWhatTheConfigNames(@TempDir Path other) throws Exception {
        Path folder = Golden.resources().resolve("models").resolve("head_next_sentence");
        assertTrue(bert("info", folder.toString()).out.startsWith("BertForNextSentencePrediction(\n"));
        Files.copy(folder.resolve("model.safetensors"), other.resolve("model.safetensors"));
        Files.writeString(other.resolve("config.json"),
                Files.readString(folder.resolve("config.json")).replace("ForNextSentencePrediction", "ForFoo"));
        Result result = bert("info", other.toString());
        assertEquals(0, result.code, result.err);
        assertTrue(result.out.startsWith("BertModel(\n"), result.out);
        assertTrue(result.out.contains("not used    cls.seq_relationship.bias, cls.seq_relationship.weight"));
    }

    /** With neither arguments nor files a command reads what is there: nothing, in these tests. */
    @BeforeEach
    void emptyStandardInput() {
        System.setIn(new ByteArrayInputStream(new byte[0]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fill-mask", "fill-mask --top-k 0 [MASK]", "fill-mask --backend gpu [MASK]",
        "fill-mask --threads 0 [MASK]",
        "fill-mask --threads 1000000 [MASK]", "fill-mask --model /no/such/folder [MASK]", "fill-mask nothing",
        "frobnicate",
        "info a b", "tokenize", "tokenize --nope x", "fill-mask --top-k many [MASK]"})
    void wrongUseIsOneSentenceAndCodeTwo(String line) {
        Result result = bert(line.isEmpty() ? new String[0] : line.split(" "));
        assertEquals(2, result.code);
        assertEquals("", result.out);
        assertEquals(1, result.err.lines().count(), result.err);
        assertTrue(result.err.startsWith("bert: ") && result.err.contains("--help"), result.err);
        assertFalse(result.err.contains("Exception"), result.err);
    }

    @Test
    void wrongUseNamesWhatWasWrong() {
        assertTrue(bert("fill-mask", "--backend", "gpu", "[MASK]").err.contains("'gpu'"));
        assertTrue(bert("fill-mask", "--model", "/no/such/folder", "[MASK]").err.contains("/no/such/folder"));
        assertTrue(bert("fill-mask", "no mask here").err.contains("[MASK]"));
        assertTrue(bert("fill-mask", "[MASK]" + " word".repeat(600)).err.contains("512 tokens"));
    }

    @Test
    void aFileOfWeightsIsNoModelFolder() {
        for (String command : List.of("fill-mask", "tokenize")) {
            Result result = bert(command, "--model", Path.of(DEMO, "model.safetensors").toString(), "[MASK]");
            assertEquals(2, result.code);
            assertEquals(1, result.err.lines().count(), result.err);
            assertTrue(result.err.contains("must be the folder that holds it"), result.err);
            assertTrue(bert(command, "--model", "a/pytorch_model.bin", "[MASK]").err.contains("must be the folder"));
        }
    }

    @Test
    void aBadModelFolderIsOneSentenceAndCodeOne(@TempDir Path folder) throws Exception {
        Result empty = bert("fill-mask", "--model", folder.toString(), "[MASK]");
        assertEquals(1, empty.code);
        assertEquals(1, empty.err.lines().count(), empty.err);
        assertTrue(empty.err.contains("config.json") && empty.err.contains(folder.toString()), empty.err);
        Files.copy(Path.of(DEMO, "config.json"), folder.resolve("config.json"));
        Files.write(folder.resolve("model.safetensors"), new byte[] {1, 2, 3});
        Result damaged = bert("fill-mask", "--model", folder.toString(), "[MASK]");
        assertEquals(1, damaged.code);
        assertTrue(damaged.err.contains("model.safetensors"), damaged.err);
    }

    /** By themselves these say the path, and nothing of what is wrong with it. */
    @Test
    void whatIsWrongWithAFileIsASentence() {
        assertEquals("there is no file a/b.", Main.sentence(new NoSuchFileException("a/b")));
        assertEquals("a/b may not be read or written by this user.", Main.sentence(new AccessDeniedException("a/b")));
        assertEquals("a/b is there already.", Main.sentence(new FileAlreadyExistsException("a/b")));
        assertEquals("a/b is no folder.", Main.sentence(new NotDirectoryException("a/b")));
        assertEquals("the folder a/b is not empty.", Main.sentence(new DirectoryNotEmptyException("a/b")));
        assertEquals("a/b: No space left on device.",
                Main.sentence(new FileSystemException("a/b", null, "No space left on device")));
        Result result = bert("fill-mask", "--model", DEMO + "/vocab.txt", "[MASK]");
        assertEquals(1, result.code);
        assertTrue(result.err.startsWith("bert: " + DEMO) && result.err.strip().endsWith("vocab.txt/config.json:"
                + " Not a directory."), result.err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fill-mask", "classify", "ner", "answer", "tokenize", "info", "convert"})
    void helpEverywhere(String command) {
        Result result = command.isEmpty() ? bert("--help") : bert(command, "--help");
        assertEquals(0, result.code);
        assertTrue(result.out.startsWith("Usage: bert"), result.out);
    }
}
