package dev.bert4j.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short way through plain JSON gives what the parser gives, value and class, or leaves the text to it. */
class PlainJsonTest {
    private static final List<String> PLAIN = List.of(
            "{\"hidden_size\": 768, \"layer_norm_eps\": 1e-12, \"is_decoder\": false, \"pad_token_id\": null,\n"
                    + "\t\"architectures\": [\"BertModel\"], \"pruned_heads\": {}, \"x\": [ ], \"y\": -0.5E+3}",
            "{\"__metadata__\":{\"format\":\"pt\"},\"a.weight\":{\"dtype\":\"F32\",\"shape\":[30522,768],"
                    + "\"data_offsets\":[0,93763584]},\"b\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[1,3]}} ",
            " [0, -0, 10, 999999999999999999, -99999999999999999, 1.5, 1E5, true, [[[]]]] ", "null", "\"text\"", "-7");

    private static Object plain(String text) {
        return PlainJson.parse(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void plainTextsAreReadAsTheParserReadsThem() throws Exception {
        for (String text : PLAIN) {
            Object expected = Json.parse(text, "text");
            Object found = plain(text);
            assertEquals(expected, found, text);
            assertEquals(String.valueOf(expected), String.valueOf(found), "order of keys");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "[1,]", "[1 2]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{\"a\" 1}", "{1:2}",
            "01", "1.", ".5", "1e", "+1", "-", "NaN", "1e999", "1000000000000000000000",
            "1000000000000000000", "1000000000000000000.5", "-01", "{\"a\":null,\"a\":null}",
            "{\"a\":1,\"b\":2,\"a\":1}", "tru", "nul", "true x", "\"a", "\"\\n\"",
            "\"\u00e9\"", "\"a\tb\"", "[1]]", "'a'", "// c\n1"})
    void allElseIsLeftToTheParser(String text) {
        assertSame(PlainJson.OTHER, plain(text), text);
    }

    @Test
    void whatIsDeepIsLeftToTheParser() {
        assertFalse(plain("[".repeat(20) + "]".repeat(20)) == PlainJson.OTHER);
        assertSame(PlainJson.OTHER, plain("[".repeat(100_000)));
    }

    /** Whatever is damaged: never another value than that of the parser, and none where the parser has none. */
    @Test
    void damagedTextsHaveTheValueOfTheParserOrNone() {
        Random random = new Random(11);
        String signs = "{}[]\",:0123456789.eE+-truefalsn \n\\\u007f\u0001x";
        int read = 0;
        for (int i = 0; i < 60_000; i++) {
            StringBuilder text = new StringBuilder(PLAIN.get(random.nextInt(PLAIN.size())));
            for (int faults = random.nextInt(3); faults >= 0 && !text.isEmpty(); faults--) {
                int at = random.nextInt(text.length());
                char sign = signs.charAt(random.nextInt(signs.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, sign);
                    case 1 -> text.insert(at, sign);
                    default -> text.deleteCharAt(at);
                }
            }
            Object found = plain(text.toString());
            if (found != PlainJson.OTHER) {
                read++;
                Object expected;
                try {
                    expected = Json.parse(text.toString(), "text");
                } catch (JsonException e) {
                    throw new AssertionError(text + " is read as " + found, e);
                }
                assertEquals(expected, found, text.toString());
            }
        }
        assertTrue(read > 5_000, read + " texts were plain");
    }
}
