package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import java.util.Arrays;

/** Attention masks and head masks as backends take them. */
final class Masks {
    private Masks() {
    }

    /**
     * What a text adds to its scores: {@code (1 − m)} times the lowest finite float.
     *
     * @param mask [B, T] or [B, T, T], or null
     * @param perQuery whether to spread the values of a [B, T] mask over the queries
     * @return null if nothing is masked
     */
    static float[] additive(Tensor mask, int text, int length, boolean perQuery) {
        if (mask == null) {
            return null;
        }
        int count = mask.rank() == 3 ? length * length : length;
        float[] values = new float[count];
        boolean any = false;
        for (int i = 0; i < count; i++) {
            float m = mask.data()[text * count + i];
            // Not a product where m is 1: it would be a negative zero.
            values[i] = m == 1 ? 0 : (1 - m) * -Float.MAX_VALUE;
            any |= m != 1;
        }
        if (!any) {
            return null;
        }
        return perQuery && mask.rank() == 2 ? spread(values) : values;
    }

    private static float[] spread(float[] values) {
        float[] all = new float[values.length * values.length];
        for (int query = 0; query < values.length; query++) {
            System.arraycopy(values, 0, all, query * values.length, values.length);
        }
        return all;
    }

    /** The attention of a module that is called on its own with [B, T, H] values. */
    static AttentionSpec spec(BertConfig config, Tensor x, Tensor mask) {
        int texts = x.size(0);
        int length = x.size(1);
        if (mask != null) {
            InputChecks.attentionMask(mask, texts, length);
        }
        int[] starts = new int[texts + 1];
        float[][] additive = new float[texts][];
        boolean perQuery = mask != null && mask.rank() == 3;
        for (int text = 0; text < texts; text++) {
            starts[text + 1] = starts[text] + length;
            additive[text] = additive(mask, text, length, perQuery);
        }
        return new AttentionSpec(config.numAttentionHeads(), config.headSize(), starts,
                new AttentionMask(additive, perQuery), null);
    }

    /** The factors of a layer's heads from a head mask [heads] or [layers, heads], or null. */
    static float[] ofLayer(Tensor headMask, int layer) {
        if (headMask == null || headMask.rank() == 1) {
            return headMask == null ? null : headMask.data();
        }
        int heads = headMask.size(1);
        return Arrays.copyOfRange(headMask.data(), layer * heads, (layer + 1) * heads);
    }
}
