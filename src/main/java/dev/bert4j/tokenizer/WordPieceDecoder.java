package dev.bert4j.tokenizer;

import java.util.List;

/** Makes text of tokens again: pieces join the word before them, and words are set apart by spaces. Immutable. */
public final class WordPieceDecoder {
    /** What is done to tokens only; the reference leaves it out where it cleans up whole texts. */
    private static final String ONLY_TOKENS = " do not";

    private static final String[][] TOKEN_CLEANUP = {{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"},
        {" n't", "n't"}, {" 'm", "'m"}, {ONLY_TOKENS, " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
    private final String prefix;
    private final boolean cleanUp;

    /** @param cleanUp whether to take the space before marks and contractions away, token by token */
    public WordPieceDecoder(String prefix, boolean cleanUp) {
        this.prefix = prefix;
        this.cleanUp = cleanUp;
    }

    /** What tokens inside a word begin with. */
    public String prefix() {
        return prefix;
    }

    /** Whether it cleans up. */
    public boolean cleansUp() {
        return cleanUp;
    }

    /** The text of tokens. */
    public String decode(List<String> tokens) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            String piece = i == 0 ? token
                    : token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
            text.append(cleanUp ? replaced(piece, null) : piece);
        }
        return text.toString();
    }

    /** Takes the space before marks and contractions away in a whole text. */
    public static String cleanUp(String text) {
        return replaced(text, ONLY_TOKENS);
    }

    private static String replaced(String text, String leftOut) {
        String result = text;
        for (String[] pair : TOKEN_CLEANUP) {
            result = pair[0].equals(leftOut) ? result : result.replace(pair[0], pair[1]);
        }
        return result;
    }
}
