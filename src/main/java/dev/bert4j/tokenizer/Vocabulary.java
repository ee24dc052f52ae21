package dev.bert4j.tokenizer;

import dev.bert4j.TokenizerException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The tokens of a vocab.txt. All of them stay in one char array, as slices of the file's text, and an open-addressing
 * table finds a slice of any other array among them without making a String. Immutable but for the cache of Strings.
 *
 * <p>A token's hash is a polynomial in an odd multiplier, so that a caller who looks for ever shorter slices takes the
 * last char back out ({@link #hashWithoutLast}) instead of hashing again.
 */
public final class Vocabulary {
    private static final int MULTIPLIER = 0x2C9277B5;
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

    private Vocabulary(char[] text, int length) {
        this.text = text;
        int lines = 0;
        for (int i = 0; i < length; i++) {
            lines += text[i] == '\n' ? 1 : 0;
        }
        lines += length > 0 && text[length - 1] != '\n' ? 1 : 0;
        starts = new int[lines];
        ends = new int[lines];
        strings = new String[lines];
        int bits = 32 - Integer.numberOfLeadingZeros(Math.max(8, lines) * 2 - 1);
        table = new long[1 << bits];
        shift = 32 - bits;
        int at = 0;
        int distinct = 0;
        int longestToken = 0;
        for (int id = 0; id < lines; id++) {
            int stop = at;
            while (stop < length && text[stop] != '\n') {
                stop++;
            }
            starts[id] = at;
            ends[id] = trimmedEnd(at, stop);
            longestToken = Math.max(longestToken, ends[id] - at);
            distinct += insert(id) ? 1 : 0;
            at = stop + 1;
        }
        size = distinct;
        longest = longestToken;
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
        return new Vocabulary(out.array(), out.position());
    }

    private int trimmedEnd(int start, int end) {
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
        if (id < 0 || id >= strings.length) {
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

    /** Number of lines: ids are below it. */
    public int lines() {
        return strings.length;
    }

    /** UTF-16 units of the longest token. */
    int longest() {
        return longest;
    }
}
