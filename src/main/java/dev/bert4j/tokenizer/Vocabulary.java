package dev.bert4j.tokenizer;

import dev.bert4j.TokenizerException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;

/**
 * The tokens of a vocab.txt or a tokenizer.json. All of them stay in one char array, as slices of the file's text, and
 * an open-addressing table finds a slice of any other array among them without making a String. Immutable but for the
 * cache of Strings.
 *
 * <p>A token's hash is a polynomial in an odd multiplier, so that a caller who looks for ever shorter slices takes the
 * last char back out ({@link #hashWithoutLast}) instead of hashing again.
 */
public final class Vocabulary {
    private static final int MULTIPLIER = 0x2C9277B5;
    /** Ids are indices of arrays; a damaged file must not ask for gigabytes. */
    private static final int MOST_IDS = 1 << 26;
    // MULTIPLIER · INVERSE = 1 modulo 2^32
    private static final int INVERSE = inverse(MULTIPLIER);
    // Spreads the polynomial's weak low bits over the table index (2^32 / golden ratio).
    private static final int SPREAD = 0x9E3779B9;

    private final char[] text;
    private final int[] starts;
    private final int[] ends;
    // Hash above, id + 1 below; 0 is a free slot.
    private final long[] table;
    private final int shift;
    private final int longest;
    private final int size;
    private final String[] strings;

    /** Takes slices of a text as tokens, by their ids; one that begins below 0 is of an id that no token has. */
    private Vocabulary(char[] text, int[] starts, int[] ends) {
        this.text = text;
        this.starts = starts;
        this.ends = ends;
        strings = new String[starts.length];
        int bits = 32 - Integer.numberOfLeadingZeros(Math.max(8, starts.length) * 2 - 1);
        table = new long[1 << bits];
        shift = 32 - bits;
        int distinct = 0;
        int longestToken = 0;
        for (int id = 0; id < starts.length; id++) {
            if (starts[id] >= 0) {
                longestToken = Math.max(longestToken, ends[id] - starts[id]);
                distinct += insert(id) ? 1 : 0;
            }
        }
        size = distinct;
        longest = longestToken;
    }

    /** One token a line. */
    private static Vocabulary ofLines(char[] text, int length) {
        int lines = 0;
        for (int i = 0; i < length; i++) {
            lines += text[i] == '\n' ? 1 : 0;
        }
        lines += length > 0 && text[length - 1] != '\n' ? 1 : 0;
        int[] starts = new int[lines];
        int[] ends = new int[lines];
        int at = 0;
        for (int id = 0; id < lines; id++) {
            int stop = at;
            while (stop < length && text[stop] != '\n') {
                stop++;
            }
            starts[id] = at;
            ends[id] = trimmedEnd(text, at, stop);
            at = stop + 1;
        }
        return new Vocabulary(text, starts, ends);
    }

    /**
     * Takes tokens with their ids, as a tokenizer.json has them.
     *
     * @param what names the file in error messages
     * @throws TokenizerException if there are none, or two have one id
     */
    public static Vocabulary of(Map<String, Integer> ids, String what) throws TokenizerException {
        if (ids.isEmpty()) {
            throw new TokenizerException("the vocabulary of " + what + " is empty");
        }
        int last = Collections.max(ids.values());
        if (last >= MOST_IDS) {
            throw new TokenizerException("the vocabulary of " + what + " has the id " + last
                    + ", but ids must be below " + MOST_IDS);
        }
        int[] starts = new int[last + 1];
        int[] ends = new int[last + 1];
        Arrays.fill(starts, -1);
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Integer> token : ids.entrySet()) {
            int id = token.getValue();
            if (starts[id] >= 0) {
                throw new TokenizerException("the vocabulary of " + what + " gives the id " + id + " to two tokens, "
                        + text.substring(starts[id], ends[id]) + " and " + token.getKey());
            }
            starts[id] = text.length();
            text.append(token.getKey());
            ends[id] = text.length();
        }
        return new Vocabulary(text.toString().toCharArray(), starts, ends);
    }

    /**
     * Reads the content of a vocab.txt: UTF-8, one token a line, the id is the line's number from 0. White space at the
     * end of a line is no part of its token; of equal tokens the last one has the id.
     *
     * @param what names the file in error messages
     * @throws TokenizerException if the file is empty or not UTF-8
     */
    public static Vocabulary parse(byte[] file, String what) throws TokenizerException {
        if (file.length == 0) {
            throw new TokenizerException(what + " is empty: it should hold one token a line");
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(file);
        CharBuffer out = CharBuffer.allocate(file.length);
        CoderResult result = decoder.decode(in, out, true);
        if (result.isError()) {
            int line = 1;
            for (int i = 0; i < in.position(); i++) {
                line += file[i] == '\n' ? 1 : 0;
            }
            throw new TokenizerException(what + " is not valid UTF-8 in line " + line);
        }
        return ofLines(out.array(), out.position());
    }

    private static int trimmedEnd(char[] text, int start, int end) {
        UnicodeTables tables = UnicodeTables.get();
        while (end > start && (tables.properties(text[end - 1]) & UnicodeTables.WHITE) != 0) {
            end--;
        }
        return end;
    }

    private boolean insert(int id) {
        int hash = hash(text, starts[id], ends[id], 0);
        int slot = slot(hash);
        for (; table[slot] != 0; slot = (slot + 1) & (table.length - 1)) {
            int other = (int) table[slot] - 1;
            if ((int) (table[slot] >>> 32) == hash && Arrays.equals(text, starts[other], ends[other],
                    text, starts[id], ends[id])) {
                table[slot] = entry(hash, id);
                return false;
            }
        }
        table[slot] = entry(hash, id);
        return true;
    }

    private static long entry(int hash, int id) {
        return ((long) hash << 32) | (id + 1);
    }

    private int slot(int hash) {
        return (hash * SPREAD) >>> shift;
    }

    private static int inverse(int odd) {
        // Newton's iteration doubles the number of right bits, beginning with three.
        int inverse = odd;
        for (int k = 0; k < 4; k++) {
            inverse *= 2 - odd * inverse;
        }
        return inverse;
    }

    /** Continues a hash (0 at the start of a token) over chars[start, end). */
    static int hash(char[] chars, int start, int end, int hash) {
        for (int i = start; i < end; i++) {
            hash = hash * MULTIPLIER + chars[i];
        }
        return hash;
    }

    /** The hash before its last char was added. */
    static int hashWithoutLast(int hash, char last) {
        return (hash - last) * INVERSE;
    }

    /** The id of the token prefix + chars[start, end), whose hash the caller has; -1 if there is none. */
    int find(String prefix, char[] chars, int start, int end, int hash) {
        for (int slot = slot(hash); table[slot] != 0; slot = (slot + 1) & (table.length - 1)) {
            int id = (int) table[slot] - 1;
            if ((int) (table[slot] >>> 32) == hash && equal(id, prefix, chars, start, end)) {
                return id;
            }
        }
        return -1;
    }

    private boolean equal(int id, String prefix, char[] chars, int start, int end) {
        int rest = starts[id] + prefix.length();
        if (ends[id] - rest != end - start) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (text[starts[id] + i] != prefix.charAt(i)) {
                return false;
            }
        }
        return Arrays.equals(text, rest, ends[id], chars, start, end);
    }

    /** The id of a token, -1 if it is not in the vocabulary. */
    public int id(String token) {
        char[] chars = token.toCharArray();
        return find("", chars, 0, chars.length, hash(chars, 0, chars.length, 0));
    }

    /** The token of an id, null if no token has it (out of range, or its line is repeated further down). */
    public String token(int id) {
        if (id < 0 || id >= strings.length || starts[id] < 0) {
            return null;
        }
        String token = strings[id];
        if (token == null) {
            // Two threads may both do this; they make equal strings.
            token = new String(text, starts[id], ends[id] - starts[id]);
            if (id(token) != id) {
                return null;
            }
            strings[id] = token;
        }
        return token;
    }

    /** Number of different tokens. */
    public int size() {
        return size;
    }

    /** All ids are below it; some may have no token. */
    public int ids() {
        return strings.length;
    }

    /** UTF-16 units of the longest token. */
    int longest() {
        return longest;
    }
}
