package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Attention masks and head masks as backends take them. */
final class Masks {
    private Masks() {
    }

    /**
     * What a text adds to its scores: {@code (1 − m)} times the lowest finite float.
     *
     * @param mask [B, keys] or [B, queries, keys], or null
     * @param causal whether queries see no keys behind them, unless the mask has a row for each query
     */
    static AttentionMask of(Tensor mask, int text, int queries, int keys, boolean causal) {
        boolean perQuery = mask != null && mask.rank() == 3;
        float[] additive = mask == null ? null : additive(mask, text, perQuery ? queries * keys : keys);
        if (additive == null) {
            return causal && !perQuery ? AttentionMask.CAUSAL : AttentionMask.NONE;
        }
        return new AttentionMask(additive, perQuery, causal && !perQuery);
    }

    /** The values of a text, or null if nothing is masked. */
    private static float[] additive(Tensor mask, int text, int count) {
        float[] values = new float[count];
        boolean any = false;
        for (int i = 0; i < count; i++) {
            float m = mask.data()[text * count + i];
            // Not a product where m is 1: it would be a negative zero.
            values[i] = m == 1 ? 0 : (1 - m) * -Float.MAX_VALUE;
            any |= m != 1;
        }
        return any ? values : null;
    }

    /** The attention of a module that is called on its own with [B, T, H] values. */
    static AttentionSpec spec(BertConfig config, Tensor x, Tensor mask) {
        return spec(config, x, x, mask);
    }

    /** The attention of texts [B, T, H] to the [B, S, H] states of an encoder. */
    static AttentionSpec spec(BertConfig config, Tensor x, Tensor states, Tensor mask) {
        int texts = x.size(0);
        int queries = x.size(1);
        int keys = states.size(1);
        InputChecks.attentionMask(mask, "attention mask", texts, queries, keys);
        List<AttentionMask> masks = IntStream.range(0, texts).mapToObj(text -> of(mask, text, queries, keys, false))
                .toList();
        int[] starts = starts(texts, queries);
        return new AttentionSpec(config.numAttentionHeads(), config.headSize(), starts,
                x == states ? starts : starts(texts, keys), masks, null, null, !config.isDecoder());
    }

    private static int[] starts(int texts, int length) {
        return IntStream.rangeClosed(0, texts).map(text -> text * length).toArray();
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
