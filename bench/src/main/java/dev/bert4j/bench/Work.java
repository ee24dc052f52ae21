package dev.bert4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Texts that are run together.
 *
 * @param name {@code 8x128} for eight texts of 128 tokens, or {@code ragged32} or {@code short256}
 * @param texts their ids, without padding
 */
record Work(String name, List<int[]> texts) {
    /** Texts by tokens, of which two are the special ones; or texts of many lengths. */
    private static final Pattern SHAPE = Pattern.compile(
            "([1-9][0-9]{0,5})x([2-9]|[1-9][0-9]|[1-4][0-9][0-9]|50[0-9]|51[0-2])|(ragged|short)([1-9][0-9]{0,5})");
    private static final int CLS = 101;
    private static final int SEP = 102;
    private static final int FIRST_WORD = 1000;
    private static final int VOCABULARY = 30522;

    /** The work of that name, always the same. */
    static Work of(String name) {
        Matcher shape = SHAPE.matcher(name);
        if (!shape.matches()) {
            throw new IllegalArgumentException("There is no work '" + name + "'; it is named as 8x128, texts by tokens,"
                    + " of which 512 are the most, or as ragged32 or short256.");
        }
        if (shape.group(3) != null) {
            int count = Integer.parseInt(shape.group(4));
            return shape.group(3).equals("ragged") ? ragged(name, count, 5, 128) : ragged(name, count, 3, 24);
        }
        int tokens = Integer.parseInt(shape.group(2));
        return new Work(name, IntStream.range(0, Integer.parseInt(shape.group(1))).mapToObj(i -> text(tokens, i))
                .toList());
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
