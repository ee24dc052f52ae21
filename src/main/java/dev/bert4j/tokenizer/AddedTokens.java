package dev.bert4j.tokenizer;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Tokens that are found in the raw text, before anything else happens to it. One that the vocabulary lacks gets the
 * next free id after the vocabulary's. Immutable.
 */
public final class AddedTokens {
    private final List<String> contents;
    private final int[] ids;
    // Indices into contents, longest content first: of several tokens at one place the longest wins.
    private final int[] byLength;
    // Whether any token begins with this ASCII character, and whether any begins with another.
    private final boolean[] asciiStart = new boolean[128];
    private final boolean wideStart;

    /** Registers the tokens (not empty, no duplicates) in this order. */
    public AddedTokens(Vocabulary vocabulary, List<String> contents) {
        this.contents = List.copyOf(contents);
        ids = new int[contents.size()];
        int next = vocabulary.lines();
        boolean wide = false;
        for (int k = 0; k < ids.length; k++) {
            int id = vocabulary.id(contents.get(k));
            ids[k] = id >= 0 ? id : next++;
            char first = contents.get(k).charAt(0);
            if (first < 128) {
                asciiStart[first] = true;
            } else {
                wide = true;
            }
        }
        wideStart = wide;
        byLength = IntStream.range(0, ids.length).boxed()
                .sorted((a, b) -> contents.get(b).length() - contents.get(a).length())
                .mapToInt(Integer::intValue).toArray();
    }

    /** The id of an added token, -1 if it is none. */
    public int id(String content) {
        int k = contents.indexOf(content);
        return k < 0 ? -1 : ids[k];
    }

    /** The added token that has an id, null if none has. */
    public String token(int id) {
        for (int k = 0; k < ids.length; k++) {
            if (ids[k] == id) {
                return contents.get(k);
            }
        }
        return null;
    }

    /** Where the first added token at or after from begins; text.length if there is none. */
    int find(char[] text, int from) {
        for (int i = from; i < text.length; i++) {
            char c = text[i];
            if ((c < 128 ? asciiStart[c] : wideStart) && at(text, i) >= 0) {
                return i;
            }
        }
        return text.length;
    }

    /** The longest added token that begins at a place, as a key for {@link #idOf} and {@link #lengthOf}; else -1. */
    int at(char[] text, int place) {
        for (int k : byLength) {
            String content = contents.get(k);
            int n = content.length();
            int i = 0;
            if (place + n <= text.length) {
                while (i < n && text[place + i] == content.charAt(i)) {
                    i++;
                }
                if (i == n) {
                    return k;
                }
            }
        }
        return -1;
    }

    int idOf(int key) {
        return ids[key];
    }

    int lengthOf(int key) {
        return contents.get(key).length();
    }
}
