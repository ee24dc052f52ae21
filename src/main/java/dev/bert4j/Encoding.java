package dev.bert4j;

import java.util.Arrays;
import java.util.List;

/**
 * One tokenized text or pair of texts, ready for a model. Immutable; every array is a copy.
 *
 * <p>Offsets say which part of the original text a token covers, from start to end (exclusive). They come in code
 * points, as Python counts, and in UTF-16 units, as {@link String#substring(int, int)} counts:
 * <pre>{@code
 * Encoding encoding = tokenizer.encode(text);
 * String covered = text.substring(encoding.offsetStart16(i), encoding.offsetEnd16(i));
 * }</pre>
 * In a pair they begin again at 0 in the second text. Special tokens of the template have (0, 0).
 */
public final class Encoding {
    /** What {@link #wordId} and {@link #sequenceId} answer for special tokens of the template: Python's None. */
    public static final int NONE = -1;

    private final BertTokenizer tokenizer;
    private final int[] ids;
    private final int[] typeIds;
    private final int[] sequenceIds;
    private final int[] wordIds;
    private final int[] starts16;
    private final int[] ends16;
    private final int[] starts;
    private final int[] ends;

    Encoding(BertTokenizer tokenizer, EncodingBuilder parts) {
        this.tokenizer = tokenizer;
        ids = parts.ids;
        typeIds = parts.typeIds;
        sequenceIds = parts.sequenceIds;
        wordIds = parts.wordIds;
        starts16 = parts.starts16;
        ends16 = parts.ends16;
        starts = parts.starts;
        ends = parts.ends;
    }

    /** Number of tokens, special ones included. */
    public int size() {
        return ids.length;
    }

    /** The tokens' ids (input_ids). */
    public int[] ids() {
        return ids.clone();
    }

    /** The tokens as the vocabulary writes them. */
    public List<String> tokens() {
        return Arrays.stream(ids).mapToObj(tokenizer::idToToken).toList();
    }

    /** 0 for the first text with its special tokens, 1 for the second (token_type_ids). */
    public int[] typeIds() {
        return typeIds.clone();
    }

    /** 1 for every token that attention may see. */
    public int[] attentionMask() {
        int[] mask = new int[ids.length];
        Arrays.fill(mask, 1);
        return mask;
    }

    /** 1 for special tokens that the template added; 0 for all others, also for special tokens typed in the text. */
    public int[] specialTokensMask() {
        return Arrays.stream(sequenceIds).map(sequence -> sequence == NONE ? 1 : 0).toArray();
    }

    /** First code point of a token in its text. */
    public int offsetStart(int token) {
        return starts[token];
    }

    /** End (exclusive) of a token in its text, in code points. */
    public int offsetEnd(int token) {
        return ends[token];
    }

    /** First UTF-16 unit of a token in its text. */
    public int offsetStart16(int token) {
        return starts16[token];
    }

    /** End (exclusive) of a token in its text, in UTF-16 units. */
    public int offsetEnd16(int token) {
        return ends16[token];
    }

    /**
     * Number of the token's word in its text, from 0; {@link #NONE} for special tokens of the template. A mark of
     * punctuation is a word, and so is a special token typed in the text.
     */
    public int wordId(int token) {
        return wordIds[token];
    }

    /** 0 or 1 for the text that a token belongs to; {@link #NONE} for special tokens of the template. */
    public int sequenceId(int token) {
        return sequenceIds[token];
    }

    /** The tokens, for a person to read. */
    @Override
    public String toString() {
        return "Encoding" + tokens();
    }
}
