package dev.bert4j.tokenizer;

/**
 * Cuts a word into the longest tokens that the vocabulary has, from left to right; the later ones carry a prefix. A
 * word that cannot be cut whole, or has too many code points, is one unknown token. Immutable.
 */
public final class WordPiece {
    /** The prefix of BERT. */
    public static final String CONTINUING_SUBWORD_PREFIX = "##";
    /** The most code points of a word of BERT. */
    public static final int MAX_INPUT_CHARS_PER_WORD = 100;

    private final String prefix;
    private final int maxChars;
    private final Vocabulary vocabulary;
    private final int unkId;
    private final int continuingHash;

    /** A cutter with the prefix and the limit of BERT, and the id for words that cannot be cut. */
    public WordPiece(Vocabulary vocabulary, int unkId) {
        this(vocabulary, unkId, CONTINUING_SUBWORD_PREFIX, MAX_INPUT_CHARS_PER_WORD);
    }

    /** A cutter with another prefix and another limit. */
    public WordPiece(Vocabulary vocabulary, int unkId, String prefix, int maxChars) {
        this.vocabulary = vocabulary;
        this.unkId = unkId;
        this.prefix = prefix;
        this.maxChars = maxChars;
        continuingHash = Vocabulary.hash(prefix.toCharArray(), 0, prefix.length(), 0);
    }

    /** The id of words that cannot be cut. */
    public int unkId() {
        return unkId;
    }

    /** What tokens inside a word begin with. */
    public String prefix() {
        return prefix;
    }

    /** The most code points that a word may have. */
    public int maxChars() {
        return maxChars;
    }

    /**
     * Appends the tokens of the word text[start, end), and ends the word in out.
     *
     * @param codePoints the word's length in code points
     */
    void tokenize(NormalizedText text, int start, int end, int codePoints, Tokens out) {
        if (codePoints > maxChars || !pieces(text, start, end, out)) {
            out.add(unkId, text.start(start), text.end(end - 1));
        }
        out.nextWord();
    }

    private boolean pieces(NormalizedText text, int wordStart, int end, Tokens out) {
        char[] chars = text.chars();
        int before = out.size();
        int start = wordStart;
        String begins = "";
        int emptyHash = 0;
        while (start < end) {
            // The common case is that the longest candidate, often the whole word, is a token.
            int stop = Math.min(end, start + vocabulary.longest());
            int hash = Vocabulary.hash(chars, start, stop, emptyHash);
            int id = vocabulary.find(begins, chars, start, stop, hash);
            while (id < 0) {
                hash = Vocabulary.hashWithoutLast(hash, chars[--stop]);
                if (stop == start) {
                    out.truncate(before);
                    return false;
                }
                id = vocabulary.find(begins, chars, start, stop, hash);
            }
            out.add(id, text.start(start), text.end(stop - 1));
            start = stop;
            begins = prefix;
            emptyHash = continuingHash;
        }
        return true;
    }
}
