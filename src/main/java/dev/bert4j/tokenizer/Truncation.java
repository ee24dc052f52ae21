package dev.bert4j.tokenizer;

import dev.bert4j.Side;
import dev.bert4j.TruncationStrategy;
import java.util.ArrayList;
import java.util.List;

/** Cuts texts into windows of tokens, as the reference does. */
public final class Truncation {
    private Truncation() {
    }

    /** Tokens {@code [from, to)} of a text. */
    public record Window(int from, int to) {
    }

    /**
     * The windows of each text, the first being what is left of it.
     *
     * @param first the length of the first text
     * @param second the length of the second, or −1 for none
     * @param budget tokens that the texts may have together
     * @return the windows of the first text, and those of the second, or none
     * @throws IllegalArgumentException if the text to be cut is too short or not there, or the stride too large
     */
    public static List<List<Window>> windows(int first, int second, int budget, int stride, TruncationStrategy strategy,
            Side side) {
        int total = first + Math.max(second, 0);
        int keepFirst = first;
        int keepSecond = second;
        if (strategy != TruncationStrategy.DO_NOT_TRUNCATE && budget == 0) {
            keepFirst = 0;
            keepSecond = Math.min(second, 0);
        } else if (strategy != TruncationStrategy.DO_NOT_TRUNCATE && total > budget) {
            int remove = total - budget;
            switch (strategy) {
                case ONLY_FIRST -> keepFirst = shortened(first, remove, "first");
                case ONLY_SECOND -> {
                    if (second < 0) {
                        throw new IllegalArgumentException("There is no second text to truncate; give one, or truncate"
                                + " the first.");
                    }
                    keepSecond = shortened(second, remove, "second");
                }
                default -> {
                    if (second < 0) {
                        keepFirst = first - remove;
                    } else {
                        int[] kept = longestFirst(first, second, budget);
                        keepFirst = kept[0];
                        keepSecond = kept[1];
                    }
                }
            }
        }
        List<Window> ofFirst = windows(first, keepFirst, stride, side);
        return List.of(ofFirst, second < 0 ? List.of() : windows(second, keepSecond, stride, side));
    }

    private static int shortened(int length, int remove, String which) {
        if (length <= remove) {
            throw new IllegalArgumentException("The " + which + " text has " + length + " tokens, too few to remove"
                    + " the " + remove + " that maxLength asks for; truncate the longest first, or allow more tokens.");
        }
        return length - remove;
    }

    /** The longer text is cut until both are as long, then both; the odd token goes to the longer, or the second. */
    private static int[] longestFirst(int first, int second, int budget) {
        boolean swap = first > second;
        int shorter = Math.min(first, second);
        int longer = shorter > budget ? shorter : Math.max(shorter, budget - shorter);
        if (shorter + longer > budget) {
            shorter = budget / 2;
            longer = shorter + budget % 2;
        }
        return swap ? new int[] {longer, shorter} : new int[] {shorter, longer};
    }

    private static List<Window> windows(int length, int keep, int stride, Side side) {
        List<Window> windows = new ArrayList<>();
        if (keep >= length) {
            return List.of(new Window(0, length));
        }
        if (keep == 0) {
            // What is cut to nothing overflows whole.
            return List.of(new Window(0, 0), new Window(0, length));
        }
        if (stride >= keep) {
            throw new IllegalArgumentException("The stride of " + stride + " tokens must be less than the " + keep
                    + " tokens of a text that a window has.");
        }
        for (int start = 0, stop = length; ; start += keep - stride, stop -= keep - stride) {
            Window window = side == Side.RIGHT ? new Window(start, Math.min(start + keep, length))
                    : new Window(Math.max(stop - keep, 0), stop);
            windows.add(window);
            if (side == Side.RIGHT ? window.to == length : window.from == 0) {
                return windows;
            }
        }
    }
}
