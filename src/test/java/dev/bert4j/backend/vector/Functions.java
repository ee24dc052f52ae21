package dev.bert4j.backend.vector;

/** {@link VectorMath} over arrays, at one width. */
interface Functions {
    /** Replaces every value by exp of it; their number must be a multiple of 16. */
    void exp(float[] values);

    /** As {@link #exp}. */
    void tanh(float[] values);

    /** As {@link #exp}. */
    void gelu(float[] values);
}
