package dev.bert4j.tokenizer;

import dev.bert4j.AddedToken;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tokens beside those of WordPiece, and their ids. One that the vocabulary has keeps its id; others get ids behind all
 * that are there, in the order in which they come. Immutable.
 */
public final class AddedTokens {
    private final Map<String, Integer> ids = new LinkedHashMap<>();
    private final SortedMap<Integer, AddedToken> byId = new TreeMap<>();
    private final Vocabulary vocabulary;

    private AddedTokens(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** No tokens beside a vocabulary. */
    public static AddedTokens none(Vocabulary vocabulary) {
        return new AddedTokens(vocabulary);
    }

    /** These and others; one that is there already takes on its new properties. */
    public AddedTokens with(List<AddedToken> more) {
        AddedTokens all = new AddedTokens(vocabulary);
        // Loops, here and where they are looked up: the first lambda of a JVM takes longer than reading a vocabulary.
        for (AddedToken token : byId.values()) {
            all.add(token);
        }
        for (AddedToken token : more) {
            all.add(token);
        }
        return all;
    }

    private void add(AddedToken token) {
        int inVocabulary = vocabulary.id(token.content());
        Integer before = ids.get(token.content());
        int id = before != null ? before : inVocabulary >= 0 ? inVocabulary : nextId();
        ids.put(token.content(), id);
        byId.put(id, token);
    }

    private int nextId() {
        int behind = vocabulary.ids();
        return byId.isEmpty() ? behind : Math.max(behind, byId.lastKey() + 1);
    }

    /** The id of an added token, -1 if it is none. */
    public int id(String content) {
        return ids.getOrDefault(content, -1);
    }

    /** The added token that has an id, null if none has. */
    public String token(int id) {
        AddedToken token = byId.get(id);
        return token == null ? null : token.content();
    }

    /** Whether an id is that of a special token. */
    public boolean isSpecial(int id) {
        AddedToken token = byId.get(id);
        return token != null && token.special();
    }

    /** All by their ids, rising. */
    public SortedMap<Integer, AddedToken> all() {
        return Collections.unmodifiableSortedMap(byId);
    }

    /** Those that the vocabulary does not have. */
    public int beyondVocabulary() {
        return (int) byId.values().stream().filter(token -> vocabulary.id(token.content()) < 0).count();
    }

    /** What finds those of one kind: looked for in the text as it is, or in the normalized text. */
    TokenMatcher matcher(boolean normalized, BertNormalizer normalizer) {
        List<String> patterns = new ArrayList<>();
        List<AddedToken> tokens = new ArrayList<>();
        List<Integer> tokenIds = new ArrayList<>();
        for (Map.Entry<Integer, AddedToken> entry : byId.entrySet()) {
            AddedToken token = entry.getValue();
            if (token.normalized() == normalized) {
                patterns.add(normalized ? normalizer.normalize(token.content()) : token.content());
                tokens.add(token);
                tokenIds.add(entry.getKey());
            }
        }
        return new TokenMatcher(patterns, tokens, tokenIds);
    }
}
