package dev.bert4j.tokenizer;

import dev.bert4j.AddedToken;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds added tokens: of those that begin at one place the longest, from left to right, none within another. A match
 * that is no word of its own, though it must be, is passed over as a whole. Immutable.
 */
final class TokenMatcher {
    private final String[] patterns;
    private final AddedToken[] tokens;
    private final int[] ids;
    // Whether any pattern begins with this ASCII character, and whether any begins with another.
    private final boolean[] asciiStart = new boolean[128];
    private final boolean wideStart;

    /** Patterns, the tokens that they stand for, and their ids; an empty pattern never matches. */
    TokenMatcher(List<String> patterns, List<AddedToken> tokens, List<Integer> ids) {
        int[] byLength = IntStream.range(0, patterns.size()).filter(k -> !patterns.get(k).isEmpty()).boxed()
                .sorted((a, b) -> patterns.get(b).length() - patterns.get(a).length())
                .mapToInt(Integer::intValue).toArray();
        this.patterns = IntStream.of(byLength).mapToObj(patterns::get).toArray(String[]::new);
        this.tokens = IntStream.of(byLength).mapToObj(tokens::get).toArray(AddedToken[]::new);
        this.ids = IntStream.of(byLength).map(ids::get).toArray();
        boolean wide = false;
        for (String pattern : this.patterns) {
            if (pattern.charAt(0) < 128) {
                asciiStart[pattern.charAt(0)] = true;
            } else {
                wide = true;
            }
        }
        wideStart = wide;
    }

    /** Whether nothing is looked for. */
    boolean isEmpty() {
        return patterns.length == 0;
    }

    /** The place of a match; one object serves a whole text. */
    static final class Match {
        /** Begins where the text before ends. */
        int start;
        /** Behind the match, where the search goes on. */
        int end;
        /** The id of the token. */
        int id;
        /** Its content. */
        String content;
    }

    /**
     * The next match in {@code text[from, to)}.
     *
     * @param begin where the text begins, of which {@code from} is a place between two matches
     * @return whether there is one
     */
    boolean next(char[] text, int begin, int from, int to, Match match) {
        for (int i = from; i < to; i++) {
            char c = text[i];
            int key = (c < 128 ? asciiStart[c] : wideStart) ? at(text, i, to) : -1;
            if (key < 0) {
                continue;
            }
            int end = i + patterns[key].length();
            if (tokens[key].singleWord() && (WordCharacters.before(text, begin, i)
                    || WordCharacters.behind(text, end, to))) {
                i = end - 1;
                continue;
            }
            match.start = tokens[key].lstrip() ? WordCharacters.withoutSpaceBefore(text, from, i) : i;
            match.end = tokens[key].rstrip() ? WordCharacters.withoutSpaceBehind(text, end, to) : end;
            match.id = ids[key];
            match.content = tokens[key].content();
            return true;
        }
        return false;
    }

    /** The longest pattern at a place, or -1. */
    private int at(char[] text, int place, int to) {
        for (int k = 0; k < patterns.length; k++) {
            String pattern = patterns[k];
            int n = pattern.length();
            int i = 0;
            if (place + n <= to) {
                while (i < n && text[place + i] == pattern.charAt(i)) {
                    i++;
                }
                if (i == n) {
                    return k;
                }
            }
        }
        return -1;
    }
}
