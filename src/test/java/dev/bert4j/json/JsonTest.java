package dev.bert4j.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void everyKindOfValueInTheOrderOfTheText() throws Exception {
        Object value = Json.parse("""
                {"b": 1, "a": [true, false, null, "x\\u00e9\\n\\ud83d\\ude00", -0.5, 1e3, 9223372036854775807,
                 9223372036854775808, -9223372036854775808], "": {}}""", "the text");
        Map<?, ?> object = assertInstanceOf(LinkedHashMap.class, value);
        assertEquals(List.of("b", "a", ""), new ArrayList<>(object.keySet()));
        assertEquals(1L, object.get("b"));
        assertEquals(Arrays.asList(true, false, null, "xé\n😀", -0.5, 1000.0, Long.MAX_VALUE,
                new BigInteger("9223372036854775808"), Long.MIN_VALUE), object.get("a"));
        assertEquals(Map.of(), object.get(""));
    }

    @Test
    void rootMayBeAnyValue() throws Exception {
        assertEquals(3L, Json.parse(" 3 \n", "it"));
        assertNull(Json.parse("null", "it"));
        assertEquals("é", Json.parse("\"é\"".getBytes(StandardCharsets.UTF_8), "it"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[1,", "\"abc", "{\"a\"", "{\"a\":", "{\"a\":1", "[1 2]", "{'a':1}", "{a:1}", "[01]",
        "[+1]", "[.5]", "[1.]", "[NaN]", "[Infinity]", "[1,]", "{\"a\":1,}", "[,]", "tru", "{} x", "{}{}", "1 2", "[]]",
        "// c\n1", "/* c */1", "\"\t\"", "\"\\x\"", "\"\\u12\"", "[1e999]", "[-1e999]", "", "  ", "\u0000", "\uFEFF{}"})
    void refusesWhatIsNotJson(String text) {
        var e = assertThrows(JsonException.class, () -> Json.parse(text, "config.json"));
        assertTrue(e.getMessage().matches("config\\.json is not valid JSON: .+ \\(line \\d+, column \\d+\\)"),
                e.getMessage());
        assertTrue(!e.getMessage().contains("Source"), e.getMessage());
    }

    @Test
    void sentenceSaysWhatAndWhere() {
        Map<String, String> sentences = Map.of(
                "{\"a\":1,\n \"a\":2}", "it is not valid JSON: \"a\" stands in an object twice (line 2, column 5)",
                "{} []", "it is not valid JSON: something follows the value (line 1, column 3)",
                "[1e999]", "it is not valid JSON: the number 1e999 is too large for a double (line 1, column 7)");
        sentences.forEach((text, sentence) ->
                assertEquals(sentence, assertThrows(JsonException.class, () -> Json.parse(text, "it")).getMessage()));
    }

    @Test
    void refusesNestingThatCouldExhaustTheStack() throws Exception {
        int deepest = Json.MAX_DEPTH;
        Json.parse("[".repeat(deepest) + "]".repeat(deepest), "it");
        assertThrows(JsonException.class, () -> Json.parse("[".repeat(deepest + 1) + "]".repeat(deepest + 1), "it"));
        assertThrows(JsonException.class, () -> Json.parse("{\"a\":".repeat(1_000_000), "it"));
    }

    @Test
    void refusesBytesThatAreNotUtf8() {
        byte[][] faults = {
            {'"', (byte) 0xff, '"'}, {'"', (byte) 0xc3, '"'}, {'"', (byte) 0xc0, (byte) 0x80, '"'},
            {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
            {'"', (byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80, '"'},
        };
        for (byte[] fault : faults) {
            var e = assertThrows(JsonException.class, () -> Json.parse(fault, "it"));
            assertEquals("it is not valid JSON: a byte that is not UTF-8 (line 1, column 2)", e.getMessage());
        }
        for (var charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE, StandardCharsets.UTF_32LE)) {
            assertThrows(JsonException.class, () -> Json.parse("{\"a\": 1}".getBytes(charset), "it"));
        }
        byte[] truncated = {'\n', '"', (byte) 0xe2, (byte) 0x82};
        String sentence = assertThrows(JsonException.class, () -> Json.parse(truncated, "it")).getMessage();
        assertTrue(sentence.contains("(line 2, column 2)"), sentence);
    }

    @Test
    void writesWhatItReads() throws Exception {
        String text = "{\"b\":[1,-2.5,1.0E-30,true,null,9223372036854775808],\"a\":\"\\\"\\\\\\n\\u0001é😀\",\"\":{}}";
        assertEquals(text, Json.write(Json.parse(text, "it")));
        assertEquals("[0.1,1]", Json.write(List.of(0.1f, 1)));
        assertEquals("null", Json.write(null));
    }

    @Test
    void writesNothingThatJsonLacks() {
        for (Object value : List.of(Double.NaN, Float.NEGATIVE_INFINITY, 'c', new int[1], Map.of(1, 2), new Object())) {
            assertThrows(IllegalArgumentException.class, () -> Json.write(List.of(value)), value::toString);
        }
    }
}
