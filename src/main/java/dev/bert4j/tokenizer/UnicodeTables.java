package dev.bert4j.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the reference tokenizer knows of Unicode. Java's own tables belong to a newer Unicode version, so they would
 * give other ids for rare characters. The data is the resource {@code unicode.txt}, whose head describes its form.
 */
final class UnicodeTables {
    /** Flag: clean_text drops the character. */
    static final int REMOVED = 1;
    /** Flag: clean_text turns the character into a space. */
    static final int SPACE = 2;
    /** Flag: an ideograph that gets a space on both sides. */
    static final int CJK = 4;
    /** Flag: a word of its own. */
    static final int PUNCTUATION = 8;
    /** Flag: separates words. */
    static final int WHITE = 16;
    /** Position of the canonical combining class (0 to 240) above the flags. */
    static final int CLASS_SHIFT = 8;

    /** Answer of {@link #lower} and {@link #strip}: the character stays as it is. */
    static final int SAME = 0;
    /** Answer of {@link #strip}: nothing remains. */
    static final int NOTHING = -1;
    private static final int FIRST_SEQUENCE = -2;

    private static final UnicodeTables INSTANCE = load();

    private final CodePointTable properties = new CodePointTable();
    private final CodePointTable lower = new CodePointTable();
    private final CodePointTable strip = new CodePointTable();
    private final List<int[]> sequences = new ArrayList<>();

    private UnicodeTables() {
    }

    /** The tables, read once. */
    static UnicodeTables get() {
        return INSTANCE;
    }

    /** Flags, and the combining class of the first character of the code point's canonical decomposition. */
    int properties(int codePoint) {
        return properties.get(codePoint);
    }

    /** Lower case: {@link #SAME}, a code point, or below {@link #NOTHING} a key for {@link #sequence}. */
    int lower(int codePoint) {
        return lower.get(codePoint);
    }

    /**
     * Canonical decomposition without nonspacing marks: {@link #SAME}, {@link #NOTHING}, a code point, or below
     * {@link #NOTHING} a key for {@link #sequence}. Hangul syllables are not in the table: they are SAME here.
     */
    int strip(int codePoint) {
        return strip.get(codePoint);
    }

    /** The code points that a negative answer of {@link #lower} or {@link #strip} stands for; not to be changed. */
    int[] sequence(int key) {
        return sequences.get(FIRST_SEQUENCE - key);
    }

    private static UnicodeTables load() {
        byte[] text;
        try (InputStream in = UnicodeTables.class.getResourceAsStream("unicode.txt")) {
            if (in == null) {
                throw new IllegalStateException("the resource dev/bert4j/tokenizer/unicode.txt is missing");
            }
            text = in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("the resource dev/bert4j/tokenizer/unicode.txt cannot be read", e);
        }
        UnicodeTables tables = new UnicodeTables();
        int[] fields = new int[8];
        for (int at = 0; at < text.length; ) {
            byte kind = text[at++];
            int count = 0;
            // Fields are hexadecimal numbers, each after one space.
            while (text[at] != '\n') {
                if (kind == '#') {
                    at++;
                } else {
                    int value = 0;
                    for (at++; text[at] > ' '; at++) {
                        value = (value << 4) | Character.digit(text[at], 16);
                    }
                    fields[count++] = value;
                }
            }
            at++;
            tables.line(kind, fields, count);
        }
        return tables;
    }

    private void line(byte kind, int[] fields, int count) {
        int first = fields[0];
        int last = fields[1];
        switch (kind) {
            case 'P' -> properties.set(first, last, fields[2] | fields[3] << CLASS_SHIFT);
            case 'L' -> map(lower, fields, count);
            case 'S' -> map(strip, fields, count);
            default -> { }
        }
    }

    private void map(CodePointTable table, int[] fields, int count) {
        int first = fields[0];
        int last = fields[1];
        if (count == 2) {
            table.set(first, last, NOTHING);
        } else if (count == 3) {
            for (int c = first; c <= last; c++) {
                table.set(c, c, fields[2] + (c - first));
            }
        } else {
            table.set(first, last, FIRST_SEQUENCE - sequences.size());
            sequences.add(Arrays.copyOfRange(fields, 2, count));
        }
    }
}
