package dev.bert4j.tokenizer;

/** Splits normalized text at white space, which goes, and at punctuation, each mark of which is a word. Immutable. */
final class BertPreTokenizer {
    private static final int BREAK = UnicodeTables.WHITE | UnicodeTables.PUNCTUATION;

    private final UnicodeTables tables = UnicodeTables.get();
    private final byte[] ascii = new byte[128];

    BertPreTokenizer() {
        for (int c = 0; c < ascii.length; c++) {
            ascii[c] = (byte) (tables.properties(c) & BREAK);
        }
    }

    /** Hands the words of the text's units {@code [from, length)} to WordPiece, in order. */
    void split(NormalizedText text, int from, int length, WordPiece wordPiece, Tokens out) {
        char[] chars = text.chars();
        int start = from;
        int pairs = 0;
        int i = from;
        while (i < length) {
            int c = chars[i];
            int units = 1;
            int kind;
            if (c < 128) {
                kind = ascii[c];
            } else {
                c = Character.codePointAt(chars, i, length);
                units = Character.charCount(c);
                kind = tables.properties(c) & BREAK;
            }
            if (kind == 0) {
                pairs += units - 1;
                i += units;
                continue;
            }
            if (i > start) {
                wordPiece.tokenize(text, start, i, i - start - pairs, out);
            }
            if ((kind & UnicodeTables.PUNCTUATION) != 0) {
                wordPiece.tokenize(text, i, i + units, 1, out);
            }
            i += units;
            start = i;
            pairs = 0;
        }
        if (i > start) {
            wordPiece.tokenize(text, start, i, i - start - pairs, out);
        }
    }
}
