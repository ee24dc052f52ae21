package dev.bert4j.tokenizer;

/**
 * What stands beside an added token. A word character is a letter, a mark, a decimal digit, a connector or a joiner, as
 * {@code \w} of the reference's regular expressions; for these, Java's own tables serve.
 */
final class WordCharacters {
    private static final int MARKS = 1 << Character.NON_SPACING_MARK | 1 << Character.ENCLOSING_MARK
            | 1 << Character.COMBINING_SPACING_MARK;
    private static final int OTHERS = 1 << Character.DECIMAL_DIGIT_NUMBER | 1 << Character.CONNECTOR_PUNCTUATION;
    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    private WordCharacters() {
    }

    private static boolean isWord(int c) {
        return Character.isAlphabetic(c) || (1 << Character.getType(c) & (MARKS | OTHERS)) != 0
                || c == ZERO_WIDTH_NON_JOINER || c == ZERO_WIDTH_JOINER;
    }

    private static boolean isSpace(int c) {
        return (UnicodeTables.get().properties(c) & UnicodeTables.WHITE) != 0;
    }

    /** Whether a word character stands before a place of a text that begins at {@code begin}. */
    static boolean before(char[] text, int begin, int place) {
        return place > begin && isWord(Character.codePointBefore(text, place, begin));
    }

    /** Whether one stands at a place of a text that ends at {@code to}. */
    static boolean behind(char[] text, int place, int to) {
        return place < to && isWord(Character.codePointAt(text, place, to));
    }

    /** The first of the white space before a place. */
    static int withoutSpaceBefore(char[] text, int from, int place) {
        int at = place;
        while (at > from && isSpace(text[at - 1])) {
            at--;
        }
        return at;
    }

    /** Behind the white space at a place. */
    static int withoutSpaceBehind(char[] text, int place, int to) {
        int at = place;
        while (at < to && isSpace(text[at])) {
            at++;
        }
        return at;
    }
}
