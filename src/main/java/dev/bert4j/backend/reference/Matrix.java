package dev.bert4j.backend.reference;

import dev.bert4j.backend.Activation;

/** An activation as a plain array, {@code values[feature * tokens + token]}. */
final class Matrix implements Activation {
    private final int tokens;
    private final int features;
    private final float[] values;

    Matrix(int tokens, int features) {
        this.tokens = tokens;
        this.features = features;
        this.values = new float[Math.multiplyExact(tokens, features)];
    }

    @Override
    public int tokens() {
        return tokens;
    }

    @Override
    public int features() {
        return features;
    }

    /** All values; those of a feature lie together, one for each token. */
    float[] values() {
        return values;
    }

    float get(int feature, int token) {
        return values[feature * tokens + token];
    }

    void set(int feature, int token, float value) {
        values[feature * tokens + token] = value;
    }

    @Override
    public void close() {
        // The garbage collector's.
    }
}
