package dev.bert4j.sentence;

/** Divides a vector by its length; one of zeros stays as it is. */
final class Normalize implements SentenceModule {
    /** Shorter vectors are divided by this, as in the reference. */
    private static final double LEAST = 1e-12;

    Normalize() {
    }

    @Override
    public float[] apply(float[] vector) {
        double square = 0;
        for (float value : vector) {
            square += (double) value * value;
        }
        double length = Math.max(Math.sqrt(square), LEAST);
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / length);
        }
        return unit;
    }

    @Override
    public int features(int in) {
        return in;
    }
}
