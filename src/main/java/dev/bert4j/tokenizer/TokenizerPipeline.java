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
        tokenize(text, new Workspace(text.length()), out);
        out.countCodePoints(text, 0);
        return out;
    }

    /** Tokenizes a text that is split into words: places are those in each word, and words are numbered as given. */
    public Tokens tokenize(List<String> words) {
        Tokens out = new Tokens(words.size() * 2 + 8);
        Workspace workspace = new Workspace(words.stream().mapToInt(String::length).max().orElse(0));
        for (int i = 0; i < words.size(); i++) {
            int first = out.size();
            tokenize(words.get(i), workspace, out);
            out.numberWords(first, i);
            out.countCodePoints(words.get(i), first);
        }
        return out;
    }

    /** What tokenizing needs beside its result, to be used again for the next text by the same thread. */
    public static final class Workspace {
        private final TokenMatcher.Match match = new TokenMatcher.Match();
        private final TokenMatcher.Match inner = new TokenMatcher.Match();
        private final Tokens tokens = new Tokens(0);
        private char[] chars;
        private NormalizedText normalized;

        /** Room for a text of that many UTF-16 units to begin with. */
        public Workspace(int length) {
            chars = new char[length];
        }
    }

    /** The tokens of a text without places in code points, valid until the workspace is used again. */
    public Tokens tokenize(String text, Workspace workspace) {
        workspace.tokens.clear();
        tokenize(text, workspace, workspace.tokens);
        return workspace.tokens;
    }

    private void tokenize(String text, Workspace workspace, Tokens out) {
        int length = text.length();
        if (workspace.chars.length < length) {
            workspace.chars = new char[Math.max(length, workspace.chars.length * 2)];
        }
        char[] chars = workspace.chars;
        text.getChars(0, length, chars, 0);
        if (workspace.normalized == null) {
            workspace.normalized = new NormalizedText(chars);
        }
        NormalizedText normalized = workspace.normalized;
        normalized.reset(chars, length);
        TokenMatcher.Match match = workspace.match;
        int from = 0;
        while (raw.next(chars, 0, from, length, match)) {
            between(chars, from, match.start, normalized, workspace.inner, out);
            out.add(match.id, match.start, match.end, match.content, chars, match.start, match.end);
            from = match.end;
        }
        between(chars, from, length, normalized, workspace.inner, out);
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
                    normalized.chars(), match.start, match.end);
            at = match.end;
        }
        preTokenizer.split(normalized, at, normalized.length(), wordPiece, out);
    }
}
