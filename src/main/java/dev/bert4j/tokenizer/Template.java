package dev.bert4j.tokenizer;

import java.util.List;

/**
 * Where the tokens of texts stand among special tokens.
 *
 * @param single for one text
 * @param pair for two
 */
public record Template(List<Piece> single, List<Piece> pair) {
    /**
     * A special token, or all tokens of a text.
     *
     * @param sequence 0 or 1 for a text, {@link #SPECIAL} for a special token
     * @param id of the special token
     * @param typeId the token type that its tokens get
     */
    public record Piece(int sequence, int id, int typeId) {
        /** No text. */
        public static final int SPECIAL = -1;

        /** A special token. */
        public static Piece special(int id, int typeId) {
            return new Piece(SPECIAL, id, typeId);
        }

        /** A text. */
        public static Piece text(int sequence, int typeId) {
            return new Piece(sequence, -1, typeId);
        }

        /** Whether it is a special token. */
        public boolean isSpecial() {
            return sequence == SPECIAL;
        }
    }

    /** That of BERT: [CLS] A [SEP], and B [SEP] with the type 1. */
    public static Template bert(int cls, int sep) {
        Piece begin = Piece.special(cls, 0);
        Piece end = Piece.special(sep, 0);
        return new Template(List.of(begin, Piece.text(0, 0), end),
                List.of(begin, Piece.text(0, 0), end, Piece.text(1, 1), Piece.special(sep, 1)));
    }

    /** Texts without special tokens. */
    public static Template none() {
        return new Template(List.of(Piece.text(0, 0)), List.of(Piece.text(0, 0), Piece.text(1, 1)));
    }

    /** The texts where they stand here and with the types that they have here, without special tokens. */
    public Template withoutSpecial() {
        return new Template(single.stream().filter(piece -> !piece.isSpecial()).toList(),
                pair.stream().filter(piece -> !piece.isSpecial()).toList());
    }

    /** The pieces for one text or two. */
    public List<Piece> pieces(boolean two) {
        return two ? pair : single;
    }

    /** How many special tokens there are. */
    public int added(boolean two) {
        return (int) pieces(two).stream().filter(Piece::isSpecial).count();
    }
}
