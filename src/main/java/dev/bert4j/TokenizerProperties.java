package dev.bert4j;

import dev.bert4j.tokenizer.AddedTokens;
import dev.bert4j.tokenizer.Vocabulary;
import java.util.SortedMap;

/** What a tokenizer knows: its tokens, their ids, and its settings. */
abstract class TokenizerProperties {
    private final TokenizerParts parts;
    private final Vocabulary vocabulary;
    private final AddedTokens addedTokens;

    TokenizerProperties(TokenizerParts parts) {
        this.parts = parts;
        vocabulary = parts.vocabulary();
        addedTokens = parts.addedTokens();
    }

    final TokenizerParts parts() {
        return parts;
    }

    /** The id of a token; the id of [UNK] if there is no such token. */
    public final int tokenToId(String token) {
        int id = vocabulary.id(token);
        if (id < 0) {
            id = addedTokens.id(token);
        }
        return id < 0 ? unkTokenId() : id;
    }

    /**
     * The token of an id.
     *
     * @throws IllegalArgumentException if no token has the id
     */
    public final String idToToken(int id) {
        String token = vocabulary.token(id);
        if (token == null) {
            token = addedTokens.token(id);
        }
        if (token == null) {
            throw new IllegalArgumentException("no token has the id " + id + ": the vocabulary's ids are 0 to "
                    + (vocabulary.ids() - 1));
        }
        return token;
    }

    /** Number of different tokens in the vocabulary, added ones that it lacks not counted. */
    public final int vocabSize() {
        return vocabulary.size();
    }

    /** The most tokens that the model takes at once; {@link Integer#MAX_VALUE} when that is unknown. */
    public final int modelMaxLength() {
        return parts.modelMaxLength();
    }

    /** Number of all tokens: the vocabulary's and those added to it. */
    public final int size() {
        return vocabulary.size() + addedTokens.beyondVocabulary();
    }

    /** All added tokens by their ids. */
    public final SortedMap<Integer, AddedToken> addedTokens() {
        return addedTokens.all();
    }

    /** Where padding goes, unless the options say otherwise. */
    public final Side paddingSide() {
        return parts.paddingSide();
    }

    /** Where texts are cut, unless the options say otherwise. */
    public final Side truncationSide() {
        return parts.truncationSide();
    }

    /**
     * The truncation and padding that the tokenizer.json asks for. They count for nobody who does not pass them on:
     * some files cut every text to 128 tokens.
     *
     * @throws IllegalStateException if the file asks for truncation and padding of different lengths
     */
    public final EncodeOptions fileOptions() {
        if (parts.fileOptions() == null) {
            throw new IllegalStateException("The tokenizer.json of " + parts.nameOrPath() + " asks for truncation and"
                    + " padding of different lengths, which no call can have.");
        }
        return parts.fileOptions();
    }

    /** The token for what the vocabulary cannot express. */
    public final String unkToken() {
        return parts.special().unk();
    }

    /** The token for the end of each text. */
    public final String sepToken() {
        return parts.special().sep();
    }

    /** The token for filling up short texts. */
    public final String padToken() {
        return parts.special().pad();
    }

    /** The token for the beginning of every input. */
    public final String clsToken() {
        return parts.special().cls();
    }

    /** The token for a hidden one. */
    public final String maskToken() {
        return parts.special().mask();
    }

    /** The id of {@link #unkToken}. */
    public final int unkTokenId() {
        return addedTokens.id(unkToken());
    }

    /** The id of {@link #sepToken}. */
    public final int sepTokenId() {
        return addedTokens.id(sepToken());
    }

    /** The id of {@link #padToken}. */
    public final int padTokenId() {
        return addedTokens.id(padToken());
    }

    /** The id of {@link #clsToken}. */
    public final int clsTokenId() {
        return addedTokens.id(clsToken());
    }

    /** The id of {@link #maskToken}. */
    public final int maskTokenId() {
        return addedTokens.id(maskToken());
    }
}
