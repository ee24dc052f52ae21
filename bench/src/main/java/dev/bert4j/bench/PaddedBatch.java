package dev.bert4j.bench;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Some of the texts as the matrix that engines want, [rows, width], filled up with zeros.
 *
 * @param members which texts they are
 * @param width tokens of the longest
 * @param ids the matrix
 * @param mask 1 where there is a token, and 0 where there is none
 * @param padded whether any text is shorter than the longest
 */
record PaddedBatch(int[] members, int width, int[] ids, int[] mask, boolean padded) {
    static PaddedBatch of(List<int[]> texts, int[] members) {
        int width = Arrays.stream(members).map(i -> texts.get(i).length).max().orElseThrow();
        int[] ids = new int[members.length * width];
        int[] mask = new int[ids.length];
        boolean padded = false;
        for (int row = 0; row < members.length; row++) {
            int[] text = texts.get(members[row]);
            System.arraycopy(text, 0, ids, row * width, text.length);
            Arrays.fill(mask, row * width, row * width + text.length, 1);
            padded |= text.length < width;
        }
        return new PaddedBatch(members, width, ids, mask, padded);
    }

    long[] shape() {
        return new long[] {members.length, width};
    }

    /**
     * Copies its texts' states, without the padding, to where they are among those of all texts.
     *
     * @param states [rows, width, features]
     * @param all the states of all texts, one after the other
     */
    void unpad(FloatBuffer states, int features, List<int[]> texts, float[] all) {
        for (int row = 0; row < members.length; row++) {
            int before = 0;
            for (int i = 0; i < members[row]; i++) {
                before += texts.get(i).length;
            }
            states.get(row * width * features, all, before * features, texts.get(members[row]).length * features);
        }
    }

    /** All texts' tokens. */
    static int tokens(List<int[]> texts) {
        return texts.stream().mapToInt(ids -> ids.length).sum();
    }
}
