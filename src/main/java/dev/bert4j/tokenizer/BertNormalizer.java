package dev.bert4j.tokenizer;

import dev.bert4j.TokenizerOptions;

/**
 * BERT's normalization in one pass: clean the text, put spaces around ideographs, strip accents, lower the case.
 * Immutable.
 */
final class BertNormalizer {
    private static final int HANGUL_FIRST = 0xAC00;
    private static final int HANGUL_LAST = 0xD7A3;
    private static final int JAMO_L = 0x1100;
    private static final int JAMO_V = 0x1161;
    private static final int JAMO_T = 0x11A7;
    private static final int JAMO_V_COUNT = 21;
    private static final int JAMO_T_COUNT = 28;

    private final UnicodeTables tables = UnicodeTables.get();
    private final boolean lowerCase;
    private final boolean stripAccents;
    private final boolean chineseChars;
    // What an ASCII character becomes, 0 when it is dropped (U+0000 itself is).
    private final char[] ascii = new char[128];

    BertNormalizer(TokenizerOptions options) {
        lowerCase = options.doLowerCase();
        stripAccents = options.stripAccents() == null ? lowerCase : options.stripAccents();
        chineseChars = options.tokenizeChineseChars();
        for (char c = 0; c < ascii.length; c++) {
            int properties = tables.properties(c);
            int lower = lowerCase ? tables.lower(c) : UnicodeTables.SAME;
            if ((properties & UnicodeTables.SPACE) != 0) {
                ascii[c] = ' ';
            } else if ((properties & UnicodeTables.REMOVED) == 0) {
                ascii[c] = lower == UnicodeTables.SAME ? c : (char) lower;
            }
        }
    }

    /** The normalized form of a text. */
    String normalize(String text) {
        char[] chars = text.toCharArray();
        NormalizedText out = new NormalizedText(chars);
        normalize(chars, 0, chars.length, out);
        return out.toString();
    }

    /** Appends the normalized form of text[from, to) to out. Neither end may cut a surrogate pair. */
    void normalize(char[] text, int from, int to, NormalizedText out) {
        int i = from;
        while (i < to) {
            out.ensureRoom(to - i);
            char[] chars = out.chars();
            int[] sources = out.sources();
            int n = out.length();
            for (; i < to && text[i] < 128; i++) {
                char c = ascii[text[i]];
                chars[n] = c;
                sources[n] = i;
                n += c == 0 ? 0 : 1;
            }
            out.length(n);
            while (i < to && text[i] >= 128) {
                i = wide(text, i, to, out);
            }
        }
    }

    /** Handles the character at i, and the marks that must be ordered with it. Returns the index after them. */
    private int wide(char[] text, int i, int to, NormalizedText out) {
        int c = Character.codePointAt(text, i, to);
        int next = i + Character.charCount(c);
        int properties = tables.properties(c);
        if (isDropped(c, properties)) {
            return next;
        }
        if ((properties & UnicodeTables.SPACE) != 0) {
            out.append(' ', i);
        } else if (chineseChars && (properties & UnicodeTables.CJK) != 0) {
            out.append(' ', i);
            fold(c, i, out);
            out.append(' ', i);
        } else if (stripAccents && properties >>> UnicodeTables.CLASS_SHIFT != 0) {
            return marks(text, i, to, out);
        } else if (fold(c, i, out)) {
            return marks(text, next, to, out);
        }
        return next;
    }

    private static boolean isDropped(int c, int properties) {
        // The reference sees a lone surrogate as U+FFFD, which is dropped.
        return (properties & UnicodeTables.REMOVED) != 0
                || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /** Strips and lowers one character; true if marks of its decomposition now wait in the mark run of out. */
    private boolean fold(int c, int source, NormalizedText out) {
        if (!stripAccents) {
            lower(c, source, out);
            return false;
        }
        if (c >= HANGUL_FIRST && c <= HANGUL_LAST) {
            int syllable = c - HANGUL_FIRST;
            out.append(JAMO_L + syllable / (JAMO_V_COUNT * JAMO_T_COUNT), source);
            out.append(JAMO_V + syllable / JAMO_T_COUNT % JAMO_V_COUNT, source);
            if (syllable % JAMO_T_COUNT != 0) {
                out.append(JAMO_T + syllable % JAMO_T_COUNT, source);
            }
            return false;
        }
        int form = tables.strip(c);
        if (form >= UnicodeTables.SAME) {
            lower(form == UnicodeTables.SAME ? c : form, source, out);
            return false;
        }
        if (form == UnicodeTables.NOTHING) {
            return false;
        }
        boolean waiting = false;
        for (int part : tables.sequence(form)) {
            int combiningClass = tables.properties(part) >>> UnicodeTables.CLASS_SHIFT;
            if (combiningClass == 0) {
                lower(part, source, out);
            } else {
                out.marks().add(part, combiningClass, MarkRun.NO_SOURCE);
                waiting = true;
            }
        }
        return waiting;
    }

    /** Takes the marks from i on, orders them and appends those that stay. Returns the index after them. */
    private int marks(char[] text, int i, int to, NormalizedText out) {
        MarkRun run = out.marks();
        while (i < to) {
            int c = Character.codePointAt(text, i, to);
            int properties = tables.properties(c);
            if (!isDropped(c, properties)) {
                int combiningClass = properties >>> UnicodeTables.CLASS_SHIFT;
                if (combiningClass == 0) {
                    break;
                }
                int form = tables.strip(c);
                run.add(form == UnicodeTables.SAME ? c : form == UnicodeTables.NOTHING ? MarkRun.DROPPED : form,
                        combiningClass, i);
            }
            i += Character.charCount(c);
        }
        if (run.keepsAny()) {
            run.order(out.lastSource());
            for (int k = 0; k < run.size(); k++) {
                if (run.form(k) != MarkRun.DROPPED) {
                    lower(run.form(k), run.source(k), out);
                }
            }
        }
        run.clear();
        return i;
    }

    private void lower(int c, int source, NormalizedText out) {
        int lower = lowerCase ? tables.lower(c) : UnicodeTables.SAME;
        if (lower < UnicodeTables.NOTHING) {
            for (int part : tables.sequence(lower)) {
                out.append(part, source);
            }
        } else {
            out.append(lower == UnicodeTables.SAME ? c : lower, source);
        }
    }
}
