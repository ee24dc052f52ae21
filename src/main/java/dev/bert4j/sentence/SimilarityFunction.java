package dev.bert4j.sentence;

/** How alike two vectors are; more is more alike. */
public enum SimilarityFunction {
    /** The cosine of the angle between them, −1 to 1; 0 where one has no length. */
    COSINE,
    /** The dot product. */
    DOT,
    /** The negative distance. */
    EUCLIDEAN,
    /** The negative sum of the differences' magnitudes. */
    MANHATTAN;

    /**
     * The similarity of two vectors of the same length.
     *
     * @throws IllegalArgumentException if their lengths differ
     */
    public float of(float[] a, float[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException("The vectors have " + a.length + " and " + b.length
                    + " values; they must come from the same model.");
        }
        double dot = 0;
        double squares = 0;
        double magnitudes = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            dot += (double) a[i] * b[i];
            squares += difference * difference;
            magnitudes += Math.abs(difference);
            lengthA += (double) a[i] * a[i];
            lengthB += (double) b[i] * b[i];
        }
        return (float) switch (this) {
            case COSINE -> lengthA == 0 || lengthB == 0 ? 0 : dot / (Math.sqrt(lengthA) * Math.sqrt(lengthB));
            case DOT -> dot;
            case EUCLIDEAN -> -Math.sqrt(squares);
            case MANHATTAN -> -magnitudes;
        };
    }

    /** The similarity of each vector of {@code a}, a row, to each of {@code b}, a column. */
    public float[][] of(float[][] a, float[][] b) {
        float[][] all = new float[a.length][b.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b.length; j++) {
                all[i][j] = of(a[i], b[j]);
            }
        }
        return all;
    }
}
