package dev.bert4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Texts that are run together.
 *
 * @param name {@code 8x128} for eight texts of 128 tokens, or {@code ragged32} or {@code short256}
 * @param texts their ids, without padding
 */
record Work(String name, List<int[]> texts) {
    private static final int CLS = 101;
    private static final int SEP = 102;
    private static final int FIRST_WORD = 1000;
    private static final int VOCABULARY = 30522;

    /** The work of that name, always the same. */
    static Work of(String name) {
        if (name.startsWith("ragged")) {
            return ragged(name, Integer.parseInt(name.substring(6)), 5, 128);
        }
        if (name.startsWith("short")) {
            return ragged(name, Integer.parseInt(name.substring(5)), 3, 24);
        }
        int[] shape = Arrays.stream(name.split("x")).mapToInt(Integer::parseInt).toArray();
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < shape[0]; i++) {
            texts.add(text(shape[1], i));
        }
        return new Work(name, texts);
    }

    private static Work ragged(String name, int count, int shortest, int longest) {
        int[] lengths = new Random(count).ints(count, shortest, longest + 1).toArray();
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(lengths[i], i));
        }
        return new Work(name, texts);
    }

    /** A text of that many tokens: words drawn at random between the special tokens. */
    static int[] text(int tokens, int number) {
        int[] ids = new Random(1000L * number + tokens).ints(tokens, FIRST_WORD, VOCABULARY).toArray();
        ids[0] = CLS;
        ids[tokens - 1] = SEP;
        return ids;
    }

    /** Tokens of each text. */
    int[] lengths() {
        return texts.stream().mapToInt(ids -> ids.length).toArray();
    }

    /** Whether all texts are equally long, so that nobody pads. */
    boolean even() {
        return Arrays.stream(lengths()).distinct().count() == 1;
    }
}
