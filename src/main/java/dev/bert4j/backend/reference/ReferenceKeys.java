package dev.bert4j.backend.reference;

import dev.bert4j.backend.KeyValues;
import dev.bert4j.backend.cpu.CpuKeyValues;
import java.util.List;

/** The two places where keys and values can lie. */
final class ReferenceKeys {
    private ReferenceKeys() {
    }

    /** In activations; {@code starts} says where the keys of each text begin. */
    static ReferenceAttention.Keys of(Matrix k, Matrix v, int[] starts) {
        return new ReferenceAttention.Keys() {
            @Override
            public float key(int text, int feature, int key) {
                return k.get(feature, starts[text] + key);
            }

            @Override
            public float value(int text, int feature, int key) {
                return v.get(feature, starts[text] + key);
            }
        };
    }

    /** Kept from earlier calls, one entry a text. */
    static ReferenceAttention.Keys of(List<KeyValues> kept) {
        CpuKeyValues[] texts = kept.toArray(CpuKeyValues[]::new);
        return new ReferenceAttention.Keys() {
            @Override
            public float key(int text, int feature, int key) {
                return at(texts[text].keys(key / CpuKeyValues.LANES), feature, key);
            }

            @Override
            public float value(int text, int feature, int key) {
                return at(texts[text].values(key / CpuKeyValues.LANES), feature, key);
            }
        };
    }

    private static float at(float[] chunk, int feature, int key) {
        return chunk[feature * CpuKeyValues.LANES + key % CpuKeyValues.LANES];
    }
}
