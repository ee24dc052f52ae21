package dev.bert4j.tokenizer;

import dev.bert4j.TokenizerOptions;

/**
 * From text to tokens: added tokens, then normalizer, pre-tokenizer and WordPiece on what lies between them. Without
 * the template's special tokens. Immutable.
 */
public final class TokenizerPipeline {
    private final AddedTokens addedTokens;
    private final BertNormalizer normalizer;
    private final BertPreTokenizer preTokenizer = new BertPreTokenizer();
    private final WordPiece wordPiece;

    /** @param unkId the id for words that the vocabulary cannot make up */
    public TokenizerPipeline(Vocabulary vocabulary, AddedTokens addedTokens, int unkId, TokenizerOptions options) {
        this.addedTokens = addedTokens;
        this.normalizer = new BertNormalizer(options);
        this.wordPiece = new WordPiece(vocabulary, unkId);
    }

    /** Tokenizes one text. Any string will do, lone surrogates too: they vanish. */
    public Tokens tokenize(String text) {
        char[] chars = text.toCharArray();
        Tokens out = new Tokens(chars.length / 4 + 8);
        NormalizedText normalized = new NormalizedText(chars);
        int from = 0;
        while (true) {
            int stop = addedTokens.find(chars, from);
            if (stop > from) {
                normalized.clear();
                normalizer.normalize(chars, from, stop, normalized);
                preTokenizer.split(normalized, wordPiece, out);
            }
            if (stop == chars.length) {
                return out;
            }
            int key = addedTokens.at(chars, stop);
            from = stop + addedTokens.lengthOf(key);
            out.add(addedTokens.idOf(key), stop, from);
            out.nextWord();
        }
    }
}
