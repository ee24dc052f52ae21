package dev.bert4j;

import dev.bert4j.tokenizer.Template;
import dev.bert4j.tokenizer.Tokens;
import dev.bert4j.tokenizer.Truncation.Window;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts special tokens, tokens of texts and padding in a row. Its arrays become those of the Encoding. */
final class EncodingBuilder {
    final int[] ids;
    final int[] typeIds;
    final int[] attentionMask;
    final int[] sequenceIds;
    final int[] wordIds;
    final int[] starts16;
    final int[] ends16;
    final int[] starts;
    final int[] ends;
    /** What tokens look like where that is not what the vocabulary has. */
    final Map<Integer, String> texts = new HashMap<>();
    private int size;

    private EncodingBuilder(int length) {
        ids = new int[length];
        typeIds = new int[length];
        attentionMask = new int[length];
        sequenceIds = new int[length];
        wordIds = new int[length];
        starts16 = new int[length];
        ends16 = new int[length];
        starts = new int[length];
        ends = new int[length];
    }

    /**
     * Builds an encoding.
     *
     * @param texts one or two
     * @param windows the tokens that are taken of each
     * @param length of the encoding, at least what the parts have; the rest is padding
     */
    static EncodingBuilder of(List<Template.Piece> pieces, List<Tokens> texts, List<Window> windows, int length,
            Side paddingSide, int padId) {
        EncodingBuilder parts = new EncodingBuilder(length);
        int padding = length - length(pieces, windows);
        if (paddingSide == Side.LEFT) {
            parts.padding(padId, padding);
        }
        for (Template.Piece piece : pieces) {
            if (piece.isSpecial()) {
                parts.special(piece.id(), piece.typeId());
            } else {
                parts.text(texts.get(piece.sequence()), windows.get(piece.sequence()), piece);
            }
        }
        if (paddingSide == Side.RIGHT) {
            parts.padding(padId, padding);
        }
        return parts;
    }

    /** Tokens of an encoding without padding. */
    static int length(List<Template.Piece> pieces, List<Window> windows) {
        return pieces.stream().mapToInt(piece -> piece.isSpecial() ? 1
                : windows.get(piece.sequence()).to() - windows.get(piece.sequence()).from()).sum();
    }

    private void special(int id, int typeId) {
        ids[size] = id;
        typeIds[size] = typeId;
        attentionMask[size] = 1;
        sequenceIds[size] = Encoding.NONE;
        wordIds[size++] = Encoding.NONE;
    }

    private void padding(int id, int count) {
        Arrays.fill(ids, size, size + count, id);
        Arrays.fill(sequenceIds, size, size + count, Encoding.NONE);
        Arrays.fill(wordIds, size, size + count, Encoding.NONE);
        size += count;
    }

    private void text(Tokens tokens, Window window, Template.Piece piece) {
        for (int k = window.from(); k < window.to(); k++) {
            ids[size] = tokens.id(k);
            if (tokens.text(k) != null) {
                texts.put(size, tokens.text(k));
            }
            typeIds[size] = piece.typeId();
            attentionMask[size] = 1;
            sequenceIds[size] = piece.sequence();
            wordIds[size] = tokens.word(k);
            starts16[size] = tokens.start(k);
            ends16[size] = tokens.end(k);
            starts[size] = tokens.codePointStart(k);
            ends[size++] = tokens.codePointEnd(k);
        }
    }
}
