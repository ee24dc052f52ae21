package dev.bert4j.tokenizer;

/**
 * Cuts a word into the longest tokens that the vocabulary has, from left to right; the later ones carry the prefix
 * "##". A word that cannot be cut whole, or has more than 100 code points, is one unknown token. Immutable.
 */
final class WordPiece {
    private static final String CONTINUING_SUBWORD_PREFIX = "##";
    private static final int MAX_INPUT_CHARS_PER_WORD = 100;

    private final Vocabulary vocabulary;
    private final int unkId;
    private final int continuingHash;

    WordPiece(Vocabulary vocabulary, int unkId) {
        this.vocabulary = vocabulary;
        this.unkId = unkId;
        char[] prefix = CONTINUING_SUBWORD_PREFIX.toCharArray();
        continuingHash = Vocabulary.hash(prefix, 0, prefix.length, 0);
    }

    /**
     * Appends the tokens of the word text[start, end), and ends the word in out.
     *
     * @param codePoints the word's length in code points
     */
    void tokenize(NormalizedText text, int start, int end, int codePoints, Tokens out) {
        if (codePoints > MAX_INPUT_CHARS_PER_WORD || !pieces(text, start, end, out)) {
            out.add(unkId, text.start(start), text.end(end - 1));
        }
        out.nextWord();
    }

    private boolean pieces(NormalizedText text, int wordStart, int end, Tokens out) {
        char[] chars = text.chars();
        int before = out.size();
        int start = wordStart;
        String prefix = "";
        int emptyHash = 0;
        while (start < end) {
            // The common case is that the longest candidate, often the whole word, is a token.
            int stop = Math.min(end, start + vocabulary.longest());
            int hash = Vocabulary.hash(chars, start, stop, emptyHash);
            int id = vocabulary.find(prefix, chars, start, stop, hash);
            while (id < 0) {
                hash = Vocabulary.hashWithoutLast(hash, chars[--stop]);
                if (stop == start) {
                    out.truncate(before);
                    return false;
                }
                id = vocabulary.find(prefix, chars, start, stop, hash);
            }
            out.add(id, text.start(start), text.end(stop - 1));
            start = stop;
            prefix = CONTINUING_SUBWORD_PREFIX;
            emptyHash = continuingHash;
        }
        return true;
    }
}
