package dev.bert4j.sentence;

import java.util.Arrays;

/**
 * Stores vectors in a quarter of their bytes, or in a thirty-second, as {@code quantize_embeddings} of
 * sentence-transformers does. Immutable and thread-safe.
 *
 * <pre>{@code
 * EmbeddingQuantizer quantizer = EmbeddingQuantizer.calibrate(EmbeddingPrecision.INT8, vectors);
 * QuantizedSearch search = new QuantizedSearch(quantizer.quantize(vectors), quantizer);
 * }</pre>
 */
public final class EmbeddingQuantizer {
    private static final int STEPS = 255;

    private final EmbeddingPrecision precision;
    private final int dimension;
    private final float[] starts;
    private final float[] steps;
    private final float[] ends;

    private EmbeddingQuantizer(EmbeddingPrecision precision, int dimension, float[] starts, float[] ends) {
        this.precision = precision;
        this.dimension = dimension;
        this.starts = starts;
        this.ends = ends;
        steps = new float[dimension];
        for (int i = 0; i < dimension && !precision.isBinary(); i++) {
            float step = (ends[i] - starts[i]) / STEPS;
            steps[i] = step == 0 ? 1 : step;
        }
    }

    /** One bit a value; nothing is to be known of the vectors. */
    public static EmbeddingQuantizer binary(EmbeddingPrecision precision, int dimension) {
        if (!precision.isBinary()) {
            throw new IllegalArgumentException(precision + " has a byte a value and needs to know between which they"
                    + " lie: calibrate it with vectors, or give the ranges.");
        }
        if (dimension < 1) {
            throw new IllegalArgumentException("A vector has at least 1 value, not " + dimension + ".");
        }
        return new EmbeddingQuantizer(precision, dimension, null, null);
    }

    /**
     * Takes the least and the greatest value of each dimension from vectors that are like those to come; a hundred or
     * more give a stable answer.
     *
     * @param vectors at least two of the same length, of finite values
     * @throws IllegalArgumentException if they are not
     */
    public static EmbeddingQuantizer calibrate(EmbeddingPrecision precision, float[][] vectors) {
        int dimension = vectors.length == 0 ? 0 : vectors[0].length;
        if (precision.isBinary()) {
            return binary(precision, dimension);
        }
        if (vectors.length < 2) {
            throw new IllegalArgumentException("Ranges cannot be taken from " + vectors.length
                    + " vectors; give at least 2, better some hundreds.");
        }
        Vectors.check(vectors);
        float[] least = vectors[0].clone();
        float[] greatest = vectors[0].clone();
        for (float[] vector : vectors) {
            for (int i = 0; i < dimension; i++) {
                least[i] = Math.min(least[i], vector[i]);
                greatest[i] = Math.max(greatest[i], vector[i]);
            }
        }
        return new EmbeddingQuantizer(precision, dimension, least, greatest);
    }

    /**
     * With ranges that were kept from an earlier calibration.
     *
     * @param least the least value of each dimension
     * @param greatest the greatest
     */
    public static EmbeddingQuantizer ofRanges(EmbeddingPrecision precision, float[] least, float[] greatest) {
        if (precision.isBinary()) {
            return binary(precision, least.length);
        }
        Vectors.check(new float[][] {least, greatest});
        for (int i = 0; i < least.length; i++) {
            if (!(least[i] <= greatest[i])) {
                throw new IllegalArgumentException("The least value of dimension " + i + ", " + least[i]
                        + ", is above the greatest, " + greatest[i] + ".");
            }
        }
        return new EmbeddingQuantizer(precision, least.length, least.clone(), greatest.clone());
    }

    /** What the values become. */
    public EmbeddingPrecision precision() {
        return precision;
    }

    /** Values of a vector. */
    public int dimension() {
        return dimension;
    }

    /** The least value of each dimension, and the greatest; null for bits. */
    public float[][] ranges() {
        return starts == null ? null : new float[][] {starts.clone(), ends.clone()};
    }

    /** Each of the vectors. */
    public byte[][] quantize(float[][] vectors) {
        return Arrays.stream(vectors).map(this::quantize).toArray(byte[][]::new);
    }

    /**
     * The vector as bytes; what lies outside the ranges is taken as their end.
     *
     * @throws IllegalArgumentException if it has not {@link #dimension} values, or one is not a finite number
     */
    public byte[] quantize(float[] vector) {
        Vectors.check(vector, dimension, "The vector");
        byte[] bytes = new byte[precision.bytes(dimension)];
        for (int i = 0; i < dimension; i++) {
            if (precision.isBinary()) {
                bytes[i / 8] |= (byte) (vector[i] > 0 ? 0x80 >> i % 8 : 0);
            } else {
                int step = (int) Math.clamp(Math.floor((vector[i] - starts[i]) / steps[i]), 0, STEPS);
                bytes[i] = (byte) (precision == EmbeddingPrecision.INT8 ? step - 128 : step);
            }
        }
        if (precision == EmbeddingPrecision.BINARY) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] -= (byte) 128;
            }
        }
        return bytes;
    }

    /**
     * Values of a vector, the lower end of each step; of bits 0 or 1.
     *
     * @throws IllegalArgumentException if the bytes are not as many as {@link #quantize(float[])} gives
     */
    public float[] dequantize(byte[] bytes) {
        check(bytes, "The vector");
        float[] vector = new float[dimension];
        for (int i = 0; i < dimension; i++) {
            vector[i] = precision.isBinary() ? bits(bytes[i / 8]) >> 7 - i % 8 & 1
                    : starts[i] + (signed(bytes[i]) + 128) * steps[i];
        }
        return vector;
    }

    void check(byte[] bytes, String what) {
        if (bytes.length != precision.bytes(dimension)) {
            throw new IllegalArgumentException(what + " has " + bytes.length + " bytes, and " + dimension
                    + " values make " + precision.bytes(dimension) + ".");
        }
    }

    /** The bits of a byte as {@link EmbeddingPrecision#UBINARY} has them. */
    int bits(byte stored) {
        return (precision == EmbeddingPrecision.BINARY ? stored + 128 : stored) & 0xFF;
    }

    /** The step of a byte as {@link EmbeddingPrecision#INT8} has it. */
    byte signed(byte stored) {
        return (byte) (precision == EmbeddingPrecision.UINT8 ? stored - 128 : stored);
    }

    float start(int i) {
        return starts[i];
    }

    float step(int i) {
        return steps[i];
    }
}
