package dev.bert4j.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The resource unicode.txt says what the reference's measured tables say. Its main method writes the resource. */
final class UnicodeResourceTest {
    private static final Path RESOURCE = Path.of("src/main/resources/dev/bert4j/tokenizer/unicode.txt");
    private static final Path MEASURED = Path.of("src/test/resources/golden/tokenizer/unicode");
    private static final Path CLASSES = Path.of("src/test/resources/tokenizer/combining_classes.tsv");
    private static final int CODE_POINTS = Character.MAX_CODE_POINT + 1;
    private static final String HEAD = """
            # What tokenizers 0.13.3 knows of Unicode, from its measured tables; written by UnicodeResourceTest.
            # Every line: kind, first and last code point, values; all numbers hexadecimal, after one space each.
            # P: flags (1 removed, 2 made a space, 4 spaced as CJK, 8 punctuation, 10 white space), combining class
            # L: lower case. S: canonical decomposition without nonspacing marks (no value: nothing remains).
            #    A range with one value maps first to the value, first + 1 to the value + 1 and so on.
            """;

    public static void main(String[] args) throws IOException {
        Files.createDirectories(RESOURCE.getParent());
        Files.writeString(RESOURCE, generate());
    }

    private static String generate() throws IOException {
        StringBuilder out = new StringBuilder(HEAD);
        int[] properties = properties();
        for (int first = 0; first < CODE_POINTS; ) {
            int last = first;
            while (last + 1 < CODE_POINTS && properties[last + 1] == properties[first]) {
                last++;
            }
            if (properties[first] != 0) {
                out.append(String.format("P %X %X %X %X\n", first, last, properties[first] & 0xFF,
                        properties[first] >>> UnicodeTables.CLASS_SHIFT));
            }
            first = last + 1;
        }
        appendMap(out, 'L', mapping("lowercase.tsv"));
        appendMap(out, 'S', mapping("strip_accents.tsv"));
        return out.toString();
    }

    private static int[] properties() throws IOException {
        int[] properties = new int[CODE_POINTS];
        Map<?, ?> classes = (Map<?, ?>) Json.parse(Files.readAllBytes(MEASURED.resolve("classes.json")), "classes");
        List<String> keys = List.of("clean_text_removes", "clean_text_makes_space", "cjk_gets_spaces",
                "pre_tokenizer_isolates_as_punctuation", "pre_tokenizer_drops_as_white_space");
        for (int bit = 0; bit < keys.size(); bit++) {
            for (Object range : (List<?>) classes.get(keys.get(bit))) {
                String[] ends = range.toString().split("-");
                int last = Integer.parseInt(ends[ends.length - 1], 16);
                for (int c = Integer.parseInt(ends[0], 16); c <= last; c++) {
                    properties[c] |= 1 << bit;
                }
            }
        }
        for (String line : Files.readAllLines(CLASSES)) {
            if (!line.startsWith("#")) {
                String[] fields = line.split("\t");
                for (int c = Integer.parseInt(fields[0], 16); c <= Integer.parseInt(fields[1], 16); c++) {
                    properties[c] |= Integer.parseInt(fields[2]) << UnicodeTables.CLASS_SHIFT;
                }
            }
        }
        return properties;
    }

    private static TreeMap<Integer, int[]> mapping(String file) throws IOException {
        TreeMap<Integer, int[]> map = new TreeMap<>();
        for (String line : Files.readAllLines(MEASURED.resolve(file))) {
            if (!line.startsWith("#")) {
                String[] fields = line.split("\t", -1);
                map.put(Integer.parseInt(fields[0], 16), fields[1].isEmpty() ? new int[0]
                        : List.of(fields[1].split(" ")).stream().mapToInt(h -> Integer.parseInt(h, 16)).toArray());
            }
        }
        return map;
    }

    private static void appendMap(StringBuilder out, char kind, TreeMap<Integer, int[]> map) {
        for (int first = 0; first < CODE_POINTS; ) {
            int[] value = map.get(first);
            int last = first;
            while (value != null && value.length < 2 && continues(map.get(last + 1), value, last + 1 - first)) {
                last++;
            }
            if (value != null) {
                out.append(String.format("%c %X %X", kind, first, last));
                for (int c : value) {
                    out.append(String.format(" %X", c));
                }
                out.append('\n');
            }
            first = last + 1;
        }
    }

    private static boolean continues(int[] next, int[] first, int distance) {
        return next != null && next.length == first.length && (next.length == 0 || next[0] == first[0] + distance);
    }

    @Test
    void resourceIsWhatTheMeasuredTablesSay() throws IOException {
        assertEquals(generate(), Files.readString(RESOURCE));
    }

    @Test
    void loadedTablesAnswerAsTheMeasuredOnes() throws IOException {
        UnicodeTables tables = UnicodeTables.get();
        int[] properties = properties();
        Map<Integer, int[]> lower = mapping("lowercase.tsv");
        Map<Integer, int[]> strip = mapping("strip_accents.tsv");
        for (int c = 0; c < CODE_POINTS; c++) {
            assertEquals(properties[c], tables.properties(c));
            assertMapped(lower.get(c), tables.lower(c), tables);
            assertMapped(strip.get(c), tables.strip(c), tables);
        }
    }

    private static void assertMapped(int[] expected, int actual, UnicodeTables tables) {
        if (expected == null) {
            assertEquals(UnicodeTables.SAME, actual);
        } else if (expected.length == 0) {
            assertEquals(UnicodeTables.NOTHING, actual);
        } else if (expected.length == 1) {
            assertEquals(expected[0], actual);
        } else {
            assertArrayEquals(expected, tables.sequence(actual));
        }
    }
}
