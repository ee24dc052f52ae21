package dev.bert4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.Backends;
import dev.bert4j.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bench}, {@code completion}, and the option {@code --device}. */
class ToolCommandsTest {
    private static final String DEMO = "src/models/demo";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int bert(String... args) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @Test
    void benchTimesEachBatch() throws Exception {
        assertEquals(0, bert("bench", "--model", DEMO, "--batch", "1x8,3x5", "--seconds", "0.1", "--json"),
                err.toString());
        List<String> lines = out.toString().lines().toList();
        assertEquals(2, lines.size());
        for (int i = 0; i < 2; i++) {
            Map<?, ?> row = (Map<?, ?>) Json.parse(lines.get(i), "test");
            assertEquals(List.of("1x8", "3x5").get(i), row.get("batch"));
            double median = ((Number) row.get("median_ms")).doubleValue();
            assertTrue(median > 0 && median <= ((Number) row.get("p99_ms")).doubleValue(), lines.get(i));
            assertEquals(List.of(8, 15).get(i) / median * 1e3, ((Number) row.get("tokens_per_second")).doubleValue(),
                    1);
            assertTrue(((Number) row.get("gflops")).doubleValue() > 0);
            assertTrue(((Number) row.get("calls")).intValue() >= 1);
        }
        out.getBuffer().setLength(0);
        assertEquals(0, bert("bench", "--model", DEMO, "--seconds", "0.02", "--device", "cpu"), err.toString());
        lines = out.toString().lines().toList();
        assertTrue(lines.get(3).matches("batch +median ms +p99 ms +tokens/s +GFLOP/s +calls"), lines.get(3));
        assertTrue(lines.get(4).startsWith("1x8"), lines.get(4));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "bench --batch 8            | --batch names texts and tokens, as in 8x128",
        "bench --batch 0x8          | --batch names texts and tokens, as in 8x128",
        "bench --batch 1024x1025    | at most 1048576 tokens together, not '1024x1025'",
        "bench --batch 1x9999       | --batch asks for texts of 9999 tokens, and the model has positions for",
        "bench --seconds 0          | --seconds must be above 0 and at most 3600, not 0.0.",
        "bench --seconds NaN        | --seconds must be above 0",
        "bench --device gpu         | There is no device 'gpu'; bert devices lists those that there are.",
        "info --device cpu --backend vector | --device and --backend say the same thing; give one."})
    void wrongUseIsOneSentence(String line, String message) {
        assertEquals(2, bert((line + " --model " + DEMO).split(" +")));
        assertEquals(1, err.toString().lines().count(), err.toString());
        assertTrue(err.toString().contains(message), err.toString());
    }

    /** As Bash does it when somebody types the beginning of a word and a tab. */
    @ParameterizedTest
    @CsvSource({"fi, fill-mask", "fill-mask --top, --top-k", "quantize --int, --int8", "cache ver, verify"})
    @DisabledOnOs(OS.WINDOWS)
    void bashCompletesCommandsAndOptions(String typed, String completed, @TempDir Path folder) throws Exception {
        assertEquals(0, bert("completion"), err.toString());
        Path script = Files.writeString(folder.resolve("completion"), out.toString());
        String test = "source " + script + "; COMP_WORDS=(bert " + typed + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                + " _complete_bert; echo \"${COMPREPLY[@]}\"";
        // It complains that there is no prompt.
        Process bash = new ProcessBuilder("bash", "-c", test).redirectError(Redirect.DISCARD).start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, bash.waitFor(), said);
        assertEquals(completed, said);
    }

    @Test
    void quantizeCalibratesOnTheLinesOfAFile(@TempDir Path folder) throws Exception {
        Path texts = Files.writeString(folder.resolve("texts"), "Paris is the capital of France.\n\nGo on.\n");
        assertEquals(0, bert("quantize", DEMO, folder.resolve("out").toString(), "--int8", "--calibrate",
                texts.toString()), err.toString());
        assertTrue(out.toString().contains("as int8"), out.toString());
        // The file that is written does not depend on what the program is told to compute with.
        System.setProperty(Backends.PROPERTY, "none");
        try {
            assertEquals(0, bert("quantize", DEMO, folder.resolve("same").toString(), "--int8", "--calibrate",
                    texts.toString()), err.toString());
        } finally {
            System.clearProperty(Backends.PROPERTY);
        }
        assertEquals(-1, Files.mismatch(folder.resolve("out/model.safetensors"),
                folder.resolve("same/model.safetensors")));
        Files.writeString(texts, " \n");
        assertEquals(1, bert("quantize", DEMO, folder.resolve("other").toString(), "--int8", "--calibrate",
                texts.toString()));
        assertTrue(err.toString().contains(texts + " has no text to calibrate on"), err.toString());
        assertFalse(Files.exists(folder.resolve("other")));
    }
}
