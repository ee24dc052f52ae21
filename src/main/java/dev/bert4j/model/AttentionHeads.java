package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.backend.AttentionSpec;
import java.util.stream.IntStream;

/** The attention heads of a layer: all that the config has, or those that were not pruned. */
final class AttentionHeads {
    private final int[] numbers;
    private final int headSize;
    private final boolean all;

    private AttentionHeads(BertConfig config, int[] numbers) {
        this.numbers = numbers;
        headSize = config.headSize();
        all = numbers.length == config.numAttentionHeads();
    }

    /** Those that the self-attention of a layer has. */
    static AttentionHeads ofLayer(BertConfig config, int layer) {
        return new AttentionHeads(config, config.headsOf(layer));
    }

    /** All that the config has. */
    static AttentionHeads all(BertConfig config) {
        return new AttentionHeads(config, IntStream.range(0, config.numAttentionHeads()).toArray());
    }

    /** How many there are. */
    int count() {
        return numbers.length;
    }

    /** Features of all of them together. */
    int features() {
        return numbers.length * headSize;
    }

    /** How these heads attend, of how all heads of the config would; a head mask counts the pruned ones, too. */
    AttentionSpec of(AttentionSpec spec) {
        if (all) {
            return spec;
        }
        float[] factors = null;
        if (spec.headMask() != null) {
            factors = new float[numbers.length];
            for (int i = 0; i < numbers.length; i++) {
                factors[i] = spec.headMask()[numbers[i]];
            }
        }
        return spec.withHeads(numbers.length).withHeadMask(factors);
    }
}
