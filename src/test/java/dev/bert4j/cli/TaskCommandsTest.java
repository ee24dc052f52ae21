package dev.bert4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.Golden;
import dev.bert4j.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands of the tasks: where texts come from, and what is printed of the answers. */
class TaskCommandsTest {
    private static final InputStream BEFORE = System.in;
    private static final String TEXT = "Enzo works at the UN in New York.";

    private record Result(int code, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    private static String folder(String name) {
        return Golden.resources().resolve("pipelines").resolve(name).toString();
    }

    private static Result bert(String input, String... args) {
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Result(code, out.toString(), err.toString());
    }

    private static Map<?, ?> object(String line) throws IOException {
        return (Map<?, ?>) Json.parse(line, "a line");
    }

    private static void requireFailure(Result result, int code, String what) {
        assertEquals(code, result.code, result.out);
        assertEquals(1, result.err.lines().count(), result.err);
        assertTrue(result.err.contains(what), result.err);
    }

    @ParameterizedTest
    @CsvSource({"embed --model src/models/demo --dim 0 a, '--dim must be at least 1, not 0.'",
            "ner --stride -1 a, '--stride must be at least 0'",
            "answer --doc-stride -1 q c, '--doc-stride must be at least 0'",
            "embed --model src/models/demo --prompt p --prompt-name q a, 'Give --prompt or --prompt-name, not both.'"})
    void numbersThatMeanNothingAreRefused(String line, String what) {
        requireFailure(bert("", line.split(" ")), 2, what);
    }

    @AfterEach
    void restoreTheStandardInput() {
        System.setIn(BEFORE);
    }

    @Test
    void fillMaskOfManyTexts() throws Exception {
        Result result = bert("Nice to [MASK] you\nThe [MASK] of [MASK].\n", "fill-mask", "--model",
                folder("fill_mask"), "--json", "--top-k", "2");
        assertEquals(0, result.code, result.err);
        List<String> lines = result.lines();
        assertEquals(2 + 4, lines.size());
        Map<?, ?> first = object(lines.getFirst());
        assertEquals("your", first.get("token"));
        assertEquals(236L, first.get("id"));
        assertEquals("Nice to your you", first.get("sequence"));
        assertEquals("Nice to [MASK] you", first.get("text"));
        assertFalse(first.containsKey("mask"));
        assertEquals(1L, object(lines.getLast()).get("mask"));
        // The shortest decimal that reads back to the same float.
        String score = lines.getFirst().replaceAll(".*\"score\":([^,]+),.*", "$1");
        assertEquals(Float.toString(Float.parseFloat(score)), score);
        Result table = bert("", "fill-mask", "--model", folder("fill_mask"), "--targets", "meet,see", "A [MASK].",
                "B [MASK].");
        assertEquals(0, table.code, table.err);
        assertTrue(table.out.contains("\nA [MASK].\ntoken") && table.out.contains("\nB [MASK].\ntoken"), table.out);
        assertEquals(2, table.lines().stream().filter(line -> line.startsWith("meet ")).count());
        requireFailure(bert("", "fill-mask", "--model", folder("fill_mask"), "A [MASK].", "B"), 2,
                "Text 2: The text has no [MASK]");
    }

    @Test
    void classifyTextsAndPairs(@TempDir Path dir) throws Exception {
        String model = folder("classify3");
        assertEquals("POS  0.7090  A dog chases a fox\n", bert("", "classify", "--model", model,
                "A dog chases a fox").out.replace("\r", ""));
        Result all = bert("A dog chases a fox\n\n", "classify", "--model", model, "--top-k", "3", "--json");
        assertEquals(2, all.lines().size(), "an empty line is a text");
        Map<?, ?> object = object(all.lines().getFirst());
        assertEquals(List.of("text", "labels"), List.copyOf(object.keySet()));
        assertEquals(List.of("POS", "NEU", "NEG"), ((List<?>) object.get("labels")).stream()
                .map(label -> ((Map<?, ?>) label).get("label")).toList());
        Result pair = bert("", "classify", "--model", model, "--pair", "A fox is chased by a dog.",
                "A dog chases a fox");
        assertEquals("POS  0.6323  A dog chases a fox  |  A fox is chased by a dog.", pair.lines().getFirst());
        Path file = Files.writeString(dir.resolve("pairs.jsonl"), """
                {"text": "A dog chases a fox", "text_pair": "A fox is chased by a dog."}
                "A dog chases a fox"
                """);
        Result lines = bert("", "classify", "--model", model, "--json-lines", "--file", file.toString());
        assertEquals(pair.lines().getFirst(), lines.lines().getFirst());
        assertEquals("POS  0.7090  A dog chases a fox", lines.lines().get(1));
        assertEquals("NEU  -0.0172", bert("", "classify", "--model", model, "--function", "none", "--top-k", "2",
                "A dog chases a fox").lines().get(1).substring(0, 12));
        String tooLong = "word ".repeat(600);
        requireFailure(bert("", "classify", "--model", model, tooLong), 2, "tokens");
        assertEquals(0, bert("", "classify", "--model", model, "--truncate", tooLong).code);
    }

    @Test
    void nerOfALine() throws Exception {
        String model = folder("tokens");
        List<String> table = bert("", "ner", "--model", model, TEXT).lines();
        assertEquals("label   score  characters  word", table.getFirst());
        assertEquals("LOC    0.8232  0-2         En", table.get(1));
        Map<?, ?> groups = object(bert(TEXT, "ner", "--model", model, "--json").lines().getFirst());
        Map<?, ?> first = (Map<?, ?>) ((List<?>) groups.get("entities")).getFirst();
        assertEquals(List.of("entity_group", "score", "word", "start", "end"), List.copyOf(first.keySet()));
        Map<?, ?> tokens = object(bert(TEXT, "ner", "--model", model, "--json", "--aggregation", "none")
                .lines().getFirst());
        assertEquals("I-LOC", ((Map<?, ?>) ((List<?>) tokens.get("entities")).getFirst()).get("entity"));
        assertFalse(bert("", "ner", "--model", model, "--ignore-labels", "O,LOC", TEXT).out.contains("LOC"));
        requireFailure(bert("", "ner", "--model", model, "--aggregation", "none", "--stride", "4", TEXT), 2, "stride");
        requireFailure(bert("", "ner", "--model", model, "--aggregation", "middle", TEXT), 2, "--aggregation");
    }

    @Test
    void answersFromArgumentsFilesAndLines(@TempDir Path dir) throws Exception {
        String model = folder("qa");
        String question = "Where do I live?";
        String context = "My name is Wolfgang and I live in Berlin";
        List<String> table = bert("", "answer", "--model", model, "--top-k", "2", question, context).lines();
        assertEquals(List.of(" score  characters  answer",
                "0.8281  20-23       and", "0.0814  20-25       and I"), table);
        Path file = Files.writeString(dir.resolve("context.txt"), context);
        assertEquals(table, bert("", "answer", "--model", model, "--top-k", "2", question, "--file", file.toString())
                .lines());
        assertEquals(table, bert(context, "answer", "--model", model, "--top-k", "2", question).lines());
        String line = Json.write(Map.of("question", question, "context", context)) + "\n";
        Result json = bert(line + line, "answer", "--model", model, "--json");
        assertEquals(2, json.lines().size(), json.err);
        Map<?, ?> object = object(json.lines().get(1));
        assertEquals(question, object.get("question"));
        Map<?, ?> answer = (Map<?, ?>) ((List<?>) object.get("answers")).getFirst();
        assertEquals(List.of("score", "start", "end", "answer"), List.copyOf(answer.keySet()));
        assertEquals("and", answer.get("answer"));
        requireFailure(bert(line + "{}", "answer", "--model", model), 1, "the standard input, line 2");
        requireFailure(bert("", "answer", "--model", model), 2, "There is no question");
        requireFailure(bert("", "answer", "--model", model, question), 2, "context");
        requireFailure(bert("", "answer", "--model", model, question, context, "--file", "x"), 2, "both");
    }

    @Test
    void whatIsWrongWithTheInputIsSaid(@TempDir Path dir) throws Exception {
        String model = folder("tokens");
        requireFailure(bert("", "ner", "--model", model), 2, "There is no text");
        requireFailure(bert("", "ner", "--model", model, "--file", dir + "/none"), 1, "is not there");
        requireFailure(bert("", "ner", "--model", model, "--file", dir.toString()), 1, "is a folder");
        requireFailure(bert("not JSON", "ner", "--model", model, "--json-lines"), 1, "the standard input, line 1");
        requireFailure(bert("{\"tex\": 1}", "ner", "--model", model, "--json-lines"), 1, "\"text\"");
        requireFailure(bert("{\"text\":\"a\",\"text_pair\":\"b\"}", "ner", "--model", model, "--json-lines"), 2,
                "single");
        requireFailure(bert("", "ner", "--model", model, "--json-lines", "text"), 2, "--json-lines");
        requireFailure(bert("", "ner", TEXT), 2, "--model");
        Path latin = Files.write(dir.resolve("latin"), new byte[] {'a', '\n', (byte) 0xe9, '\n'});
        requireFailure(bert("", "ner", "--model", model, "--file", latin.toString()), 1, "is not UTF-8");
        System.setIn(new ByteArrayInputStream(new byte[] {(byte) 0xe9}));
        StringWriter err = new StringWriter();
        assertEquals(1, Main.run(new PrintWriter(err), new PrintWriter(err), "ner", "--model", model));
        assertEquals("bert: the standard input is not UTF-8 text, in line 1 or behind it.", err.toString().strip());
        requireFailure(bert("", "answer", "--model", folder("qa"), "Who?", "--file", latin.toString()), 1, "not UTF-8");
        Path empty = Files.writeString(dir.resolve("empty"), "");
        assertEquals(new Result(0, "", ""), bert("", "ner", "--model", model, "--file", empty.toString()));
    }

    /** Who writes a line and waits for its answer gets it before the next line is read. */
    @Test
    void linesAreAnsweredAsTheyCome() {
        StringWriter out = new StringWriter();
        List<Integer> printed = new ArrayList<>();
        System.setIn(new InputStream() {
            private int lines;

            @Override
            public int read() {
                throw new AssertionError("a line at a time, please");
            }

            @Override
            public int read(byte[] to, int from, int most) {
                printed.add((int) out.toString().lines().count());
                byte[] line = "A dog chases a fox\n".getBytes(StandardCharsets.UTF_8);
                System.arraycopy(line, 0, to, from, line.length);
                return lines++ == 3 ? -1 : line.length;
            }
        });
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(System.err, true), "classify", "--model",
                folder("classify3"), "--batch-tokens", "1");
        assertEquals(0, code);
        assertEquals(List.of(0, 1, 2, 3), printed);
    }
}
