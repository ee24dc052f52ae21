package dev.bert4j;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

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
    private final int[] attentionMask;
    private final int[] sequenceIds;
    private final int[] wordIds;
    private final int[] starts16;
    private final int[] ends16;
    private final int[] starts;
    private final int[] ends;
    private final Map<Integer, String> texts;
    /** Makes what overflows; null if nothing does. */
    private final Supplier<List<Encoding>> overflow;
    private volatile List<Encoding> overflowing;

    Encoding(BertTokenizer tokenizer, EncodingBuilder parts, Supplier<List<Encoding>> overflow) {
        this.tokenizer = tokenizer;
        this.overflow = overflow;
        texts = parts.texts.isEmpty() ? Map.of() : parts.texts;
        attentionMask = parts.attentionMask;
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

    /**
     * The tokens as the vocabulary writes them; an added token as it looks in the text, normalized where it was looked
     * for in the normalized text, and with the white space that it takes in.
     */
    public List<String> tokens() {
        return IntStream.range(0, ids.length)
                .mapToObj(k -> texts.containsKey(k) ? texts.get(k) : tokenizer.idToToken(ids[k])).toList();
    }

    /** 0 for the first text with its special tokens, 1 for the second (token_type_ids). */
    public int[] typeIds() {
        return typeIds.clone();
    }

    /** 1 for every token that attention may see, 0 for padding. */
    public int[] attentionMask() {
        return attentionMask.clone();
    }

    /** What was cut off, in windows of the same length as this; empty if nothing was. */
    public List<Encoding> overflowing() {
        List<Encoding> made = overflowing;
        if (made == null) {
            made = overflow == null ? List.of() : overflow.get();
            // Whoever asks at the same time makes equal ones.
            overflowing = made;
        }
        return made;
    }

    /** Whether the texts have more tokens than this. */
    public boolean isTruncated() {
        return overflow != null;
    }

    /**
     * 1 for special tokens that the template added, and for padding; 0 for all others, also for special tokens typed in
     * the text.
     */
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

    /**
     * The token that covers a code point of a text; {@link #NONE} if none does. Where there is only one text, the
     * number of the text means nothing, as in the reference.
     *
     * @param sequence 0 for the first text, 1 for the second
     */
    public int charToToken(int codePoint, int sequence) {
        return covering(codePoint, sequence, starts, ends);
    }

    /** As {@link #charToToken}, for a UTF-16 unit of the text, as {@link String#charAt(int)} counts. */
    public int charToToken16(int unit, int sequence) {
        return covering(unit, sequence, starts16, ends16);
    }

    private int covering(int place, int sequence, int[] from, int[] to) {
        for (int k = 0; k < ids.length; k++) {
            if (belongsTo(k, sequence) && from[k] <= place && place < to[k]) {
                return k;
            }
        }
        return NONE;
    }

    /** The code points of a token in its text; null for special tokens of the template and padding. */
    public Span tokenToChars(int token) {
        return sequenceIds[token] == NONE ? null : new Span(starts[token], ends[token]);
    }

    /** The number of the word that covers a code point of a text; {@link #NONE} if none does. */
    public int charToWord(int codePoint, int sequence) {
        int token = charToToken(codePoint, sequence);
        return token == NONE ? NONE : wordIds[token];
    }

    /** The tokens of a word, from the first to behind the last; null if it has none here. */
    public Span wordToTokens(int word, int sequence) {
        int first = NONE;
        int last = NONE;
        for (int k = 0; k < ids.length; k++) {
            if (belongsTo(k, sequence) && wordIds[k] == word) {
                first = first == NONE ? k : first;
                last = k;
            }
        }
        return first == NONE ? null : new Span(first, last + 1);
    }

    /** The code points of a word in its text; null if it has no token here. */
    public Span wordToChars(int word, int sequence) {
        Span tokens = wordToTokens(word, sequence);
        return tokens == null ? null : new Span(starts[tokens.start()], ends[tokens.end() - 1]);
    }

    /** Padding and special tokens belong to no text; and all others to any, where there is no second text. */
    private boolean belongsTo(int token, int sequence) {
        return sequenceIds[token] == sequence || sequenceIds[token] != NONE && sequence != 0 && !hasSecond();
    }

    private boolean hasSecond() {
        return Arrays.stream(sequenceIds).anyMatch(sequence -> sequence == 1);
    }

    /** The tokens, for a person to read. */
    @Override
    public String toString() {
        return "Encoding" + tokens();
    }
}
