package dev.bert4j.tokenizer;

import java.util.Arrays;

/** A growing list of tokens of one text: id, place in the text in UTF-16 units, and number of the word. */
public final class Tokens {
    private int[] ids;
    private int[] starts;
    private int[] ends;
    private int[] words;
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

    void nextWord() {
        wordCount++;
    }

    /** Takes back the tokens after the first so many. */
    void truncate(int newSize) {
        size = newSize;
    }
}
