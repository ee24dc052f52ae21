package dev.bert4j.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A growing list of tokens of one text: id, place in the text in UTF-16 units and in code points, and number of the
 * word.
 */
public final class Tokens {
    private int[] ids;
    private int[] starts;
    private int[] ends;
    private int[] words;
    /** What added tokens look like in their text, where that is not their content; null if that is so nowhere. */
    private Map<Integer, String> texts;
    private int[] codePointStarts;
    private int[] codePointEnds;
    private int size;
    private int wordCount;

    Tokens(int capacity) {
        ids = new int[capacity];
        starts = new int[capacity];
        ends = new int[capacity];
        words = new int[capacity];
    }

    /** Number of tokens. */
    public int size() {
        return size;
    }

    /** Id of a token. */
    public int id(int token) {
        return ids[token];
    }

    /** First UTF-16 unit of a token in its text. */
    public int start(int token) {
        return starts[token];
    }

    /** End (exclusive) of a token in its text, in UTF-16 units. Neither starts nor ends ever descend. */
    public int end(int token) {
        return ends[token];
    }

    /** First code point of a token in its text. */
    public int codePointStart(int token) {
        return codePointStarts[token];
    }

    /** End (exclusive) of a token in its text, in code points. */
    public int codePointEnd(int token) {
        return codePointEnds[token];
    }

    /** Number of the word that a token belongs to, counted from 0. */
    public int word(int token) {
        return words[token];
    }

    /** Adds a token to the current word. */
    void add(int id, int start, int end) {
        if (size == ids.length) {
            int capacity = size * 2 + 8;
            ids = Arrays.copyOf(ids, capacity);
            starts = Arrays.copyOf(starts, capacity);
            ends = Arrays.copyOf(ends, capacity);
            words = Arrays.copyOf(words, capacity);
        }
        ids[size] = id;
        starts[size] = start;
        ends[size] = end;
        words[size++] = wordCount;
    }

    /** Adds an added token that looks as {@code text[from, to)}. */
    void add(int id, int start, int end, String content, char[] text, int from, int to) {
        if (!equal(content, text, from, to)) {
            texts = texts == null ? new HashMap<>() : texts;
            texts.put(size, new String(text, from, to - from));
        }
        add(id, start, end);
        nextWord();
    }

    private static boolean equal(String content, char[] text, int from, int to) {
        int length = content.length();
        for (int i = 0; length == to - from && i < length; i++) {
            if (content.charAt(i) != text[from + i]) {
                return false;
            }
        }
        return length == to - from;
    }

    /** What a token looks like where that is not what the vocabulary has; null else. */
    public String text(int token) {
        return texts == null ? null : texts.get(token);
    }

    void nextWord() {
        wordCount++;
    }

    /** Forgets all tokens. */
    void clear() {
        size = 0;
        wordCount = 0;
        texts = null;
    }

    /** Copies ids to an array. */
    public void copyIds(int count, int[] target, int to) {
        System.arraycopy(ids, 0, target, to, count);
    }

    /** Takes back the tokens after the first so many. */
    void truncate(int newSize) {
        size = newSize;
    }

    /** Gives the tokens from {@code first} on the number of one word. */
    void numberWords(int first, int word) {
        Arrays.fill(words, first, size, word);
    }

    /** Counts the code points before the places of the tokens from {@code first} on, which are those of one text. */
    void countCodePoints(String text, int first) {
        if (text.codePointCount(0, text.length()) == text.length()) {
            codePointStarts = join(codePointStarts, starts, first);
            codePointEnds = join(codePointEnds, ends, first);
            return;
        }
        codePointStarts = counted(text, join(codePointStarts, starts, first), first);
        codePointEnds = counted(text, join(codePointEnds, ends, first), first);
    }

    private int[] join(int[] before, int[] units, int first) {
        int[] all = Arrays.copyOf(units, size);
        if (first > 0) {
            System.arraycopy(before, 0, all, 0, first);
        }
        return all;
    }

    /** One walk over the text converts all places, for they ascend. */
    private int[] counted(String text, int[] places, int first) {
        int unit = 0;
        int codePoint = 0;
        for (int k = first; k < size; k++) {
            codePoint += text.codePointCount(unit, places[k]);
            unit = places[k];
            places[k] = codePoint;
        }
        return places;
    }
}
