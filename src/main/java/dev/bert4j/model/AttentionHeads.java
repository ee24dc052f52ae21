package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.backend.AttentionSpec;

/** The attention heads of a layer: all that the config has, or those that were not pruned. */
final class AttentionHeads {
    private final int[] numbers;
    private final int headSize;
    private final boolean all;

    /** The heads of a layer. */
    AttentionHeads(BertConfig config, int layer) {
        numbers = config.headsOf(layer);
        headSize = config.headSize();
        all = numbers.length == config.numAttentionHeads();
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
