package dev.bert4j.tokenizer;

import java.util.Arrays;

/**
 * Growing normalized text that remembers where each of its UTF-16 units came from. Every unit stems from exactly one
 * character of the original text; several units may stem from the same one.
 */
final class NormalizedText {
    private char[] original;
    private int originalLength;
    private char[] chars;
    private int[] sources;
    private int length;
    private MarkRun marks;

    /** @param original the text that sources point into; it is not copied */
    NormalizedText(char[] original) {
        this.original = original;
        this.originalLength = original.length;
        this.chars = new char[Math.max(16, original.length + 8)];
        this.sources = new int[chars.length];
    }

    void clear() {
        length = 0;
    }

    /** Begins with another text {@code text[0, count)} that sources point into; the room that there is stays. */
    void reset(char[] text, int count) {
        original = text;
        originalLength = count;
        length = 0;
    }

    int length() {
        return length;
    }

    /** The units, of which the first {@link #length} count. Valid until the text grows. */
    char[] chars() {
        return chars;
    }

    /** For every unit the index of its character in the original text. Valid until the text grows. */
    int[] sources() {
        return sources;
    }

    /** Sets the length after the arrays were written directly. */
    void length(int newLength) {
        length = newLength;
    }

    /** Makes room for so many more units, so that the arrays can be written directly. */
    void ensureRoom(int more) {
        if (length + more > chars.length) {
            int capacity = Math.max(length + more, chars.length + (chars.length >> 1));
            chars = Arrays.copyOf(chars, capacity);
            sources = Arrays.copyOf(sources, capacity);
        }
    }

    void append(int codePoint, int source) {
        ensureRoom(2);
        sources[length] = source;
        if (codePoint < Character.MIN_SUPPLEMENTARY_CODE_POINT) {
            chars[length++] = (char) codePoint;
        } else {
            sources[length + 1] = source;
            chars[length++] = Character.highSurrogate(codePoint);
            chars[length++] = Character.lowSurrogate(codePoint);
        }
    }

    /** Index of the original character behind the last unit, 0 when there is none. */
    int lastSource() {
        return length == 0 ? 0 : sources[length - 1];
    }

    /** Start, in UTF-16 units of the original text, of the character behind a unit. */
    int start(int unit) {
        return sources[unit];
    }

    /** End (exclusive), in UTF-16 units of the original text, of the character behind a unit. */
    int end(int unit) {
        int start = sources[unit];
        boolean pair = Character.isHighSurrogate(original[start])
                && start + 1 < originalLength && Character.isLowSurrogate(original[start + 1]);
        return start + (pair ? 2 : 1);
    }

    /** Scratch space for combining marks, made when it is first needed. */
    MarkRun marks() {
        if (marks == null) {
            marks = new MarkRun();
        }
        return marks;
    }

    @Override
    public String toString() {
        return new String(chars, 0, length);
    }
}
