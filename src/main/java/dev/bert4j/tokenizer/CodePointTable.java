package dev.bert4j.tokenizer;

import java.util.Arrays;

/**
 * A map from every Unicode code point to an int, 0 where nothing was set. Two array reads a look-up: a block number for
 * every 128 code points, then the value in that block. Equal blocks that one range covers whole are stored once.
 */
final class CodePointTable {
    private static final int SHIFT = 7;
    private static final int BLOCK = 1 << SHIFT;

    private final char[] blocks = new char[(Character.MAX_CODE_POINT + 1) >>> SHIFT];
    private int[] values = new int[64 * BLOCK];
    // Block 0 is the block of zeros that everything points to at first.
    private int used = 1;
    private int sharedBlock;
    private int sharedValue;

    /** The value of a code point from 0 to 0x10FFFF. */
    int get(int codePoint) {
        return values[(blocks[codePoint >>> SHIFT] << SHIFT) | (codePoint & (BLOCK - 1))];
    }

    /** Sets all of first to last. Only while building, and only code points that no earlier call covered. */
    void set(int first, int last, int value) {
        for (int at = first; at <= last; ) {
            int stop = Math.min(last, at | (BLOCK - 1));
            int slot = at >>> SHIFT;
            if (stop - at == BLOCK - 1) {
                if (sharedBlock == 0 || sharedValue != value) {
                    sharedBlock = newBlock();
                    sharedValue = value;
                    Arrays.fill(values, sharedBlock << SHIFT, (sharedBlock + 1) << SHIFT, value);
                }
                blocks[slot] = (char) sharedBlock;
            } else {
                if (blocks[slot] == 0) {
                    blocks[slot] = (char) newBlock();
                }
                int base = blocks[slot] << SHIFT;
                Arrays.fill(values, base | (at & (BLOCK - 1)), (base | (stop & (BLOCK - 1))) + 1, value);
            }
            at = stop + 1;
        }
    }

    private int newBlock() {
        if ((used + 1) << SHIFT > values.length) {
            values = Arrays.copyOf(values, values.length * 2);
        }
        return used++;
    }
}
