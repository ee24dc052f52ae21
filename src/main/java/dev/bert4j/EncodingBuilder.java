package dev.bert4j;

import dev.bert4j.tokenizer.Tokens;

/** Puts the template's special tokens and the texts' tokens in a row. Its arrays become those of the Encoding. */
final class EncodingBuilder {
    final int[] ids;
    final int[] typeIds;
    final int[] sequenceIds;
    final int[] wordIds;
    final int[] starts16;
    final int[] ends16;
    final int[] starts;
    final int[] ends;
    private int size;

    /** @param length number of tokens that will be added */
    EncodingBuilder(int length) {
        ids = new int[length];
        typeIds = new int[length];
        sequenceIds = new int[length];
        wordIds = new int[length];
        starts16 = new int[length];
        ends16 = new int[length];
        starts = new int[length];
        ends = new int[length];
    }

    void special(int id, int typeId) {
        ids[size] = id;
        typeIds[size] = typeId;
        sequenceIds[size] = Encoding.NONE;
        wordIds[size++] = Encoding.NONE;
    }

    void sequence(Tokens tokens, String text, int sequenceId, int typeId) {
        int first = size;
        for (int k = 0; k < tokens.size(); k++) {
            ids[size] = tokens.id(k);
            typeIds[size] = typeId;
            sequenceIds[size] = sequenceId;
            wordIds[size] = tokens.word(k);
            starts16[size] = tokens.start(k);
            ends16[size++] = tokens.end(k);
        }
        codePoints(text, starts16, starts, first);
        codePoints(text, ends16, ends, first);
    }

    // Offsets of one text ascend, so one walk over the text converts them all.
    private void codePoints(String text, int[] units, int[] codePoints, int first) {
        if (text.codePointCount(0, text.length()) == text.length()) {
            System.arraycopy(units, first, codePoints, first, size - first);
            return;
        }
        int unit = 0;
        int codePoint = 0;
        for (int k = first; k < size; k++) {
            codePoint += text.codePointCount(unit, units[k]);
            unit = units[k];
            codePoints[k] = codePoint;
        }
    }
}
