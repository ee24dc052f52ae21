package dev.bert4j.tokenizer;

import dev.bert4j.TokenizerOptions;
import java.util.List;

/**
 * From text to tokens: added tokens of the text as it is, the normalizer on what lies between them, added tokens of the
 * normalized text, and pre-tokenizer and WordPiece on what lies between those. Without the template's special tokens.
 * Immutable.
 */
public final class TokenizerPipeline {
    private final BertNormalizer normalizer;
    private final BertPreTokenizer preTokenizer = new BertPreTokenizer();
    private final TokenMatcher raw;
    private final TokenMatcher normal;
    private final WordPiece wordPiece;

    /** A pipeline of these parts. */
    public TokenizerPipeline(WordPiece wordPiece, AddedTokens addedTokens, TokenizerOptions options) {
        this.wordPiece = wordPiece;
        normalizer = new BertNormalizer(options);
        raw = addedTokens.matcher(false, normalizer);
        normal = addedTokens.matcher(true, normalizer);
    }

    /** Tokenizes one text. Any string will do, lone surrogates too: they vanish. */
    public Tokens tokenize(String text) {
        Tokens out = new Tokens(text.length() / 4 + 8);
        tokenize(text, out);
        out.countCodePoints(text, 0);
        return out;
    }

    /** Tokenizes a text that is split into words: places are those in each word, and words are numbered as given. */
    public Tokens tokenize(List<String> words) {
        Tokens out = new Tokens(words.size() * 2 + 8);
        for (int i = 0; i < words.size(); i++) {
            int first = out.size();
            tokenize(words.get(i), out);
            out.numberWords(first, i);
            out.countCodePoints(words.get(i), first);
        }
        return out;
    }

    private void tokenize(String text, Tokens out) {
        char[] chars = text.toCharArray();
        NormalizedText normalized = new NormalizedText(chars);
        TokenMatcher.Match match = new TokenMatcher.Match();
        TokenMatcher.Match inner = new TokenMatcher.Match();
        int from = 0;
        while (raw.next(chars, 0, from, chars.length, match)) {
            between(chars, from, match.start, normalized, inner, out);
            out.add(match.id, match.start, match.end, match.content,
                    new String(chars, match.start, match.end - match.start));
            from = match.end;
        }
        between(chars, from, chars.length, normalized, inner, out);
    }

    /** What lies between two added tokens of the text as it is. */
    private void between(char[] chars, int from, int to, NormalizedText normalized, TokenMatcher.Match match,
            Tokens out) {
        if (from == to) {
            return;
        }
        normalized.clear();
        normalizer.normalize(chars, from, to, normalized);
        int at = 0;
        while (!normal.isEmpty() && normal.next(normalized.chars(), 0, at, normalized.length(), match)) {
            preTokenizer.split(normalized, at, match.start, wordPiece, out);
            out.add(match.id, normalized.start(match.start), normalized.end(match.end - 1), match.content,
                    new String(normalized.chars(), match.start, match.end - match.start));
            at = match.end;
        }
        preTokenizer.split(normalized, at, normalized.length(), wordPiece, out);
    }
}
