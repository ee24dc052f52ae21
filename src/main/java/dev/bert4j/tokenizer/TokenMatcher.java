package dev.bert4j.tokenizer;

import dev.bert4j.AddedToken;
import java.util.List;

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
        int[] byLength = new int[patterns.size()];
        int count = 0;
        for (int k = 0; k < byLength.length; k++) {
            int at = patterns.get(k).isEmpty() ? -1 : count++;
            // The later of two that look alike when normalized comes first, as the reference has it.
            for (; at > 0 && patterns.get(byLength[at - 1]).length() <= patterns.get(k).length(); at--) {
                byLength[at] = byLength[at - 1];
            }
            if (at >= 0) {
                byLength[at] = k;
            }
        }
        this.patterns = new String[count];
        this.tokens = new AddedToken[count];
        this.ids = new int[count];
        for (int k = 0; k < count; k++) {
            this.patterns[k] = patterns.get(byLength[k]);
            this.tokens[k] = tokens.get(byLength[k]);
            this.ids[k] = ids.get(byLength[k]);
        }
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
