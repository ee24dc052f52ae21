package dev.bert4j.bench;

import java.util.Locale;

/**
 * How far two arrays are apart.
 *
 * @param absolute the largest |a − b|
 * @param scaled the largest |a − b| / (1 + |b|)
 * @param largest the largest |b|: that it is not 0 tells that something was computed at all
 */
record Deviation(double absolute, double scaled, double largest) {
    static Deviation of(float[] a, float[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException("There are " + a.length + " values against " + b.length + ".");
        }
        double absolute = 0;
        double scaled = 0;
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = Math.abs((double) a[i] - b[i]);
            // Math.max keeps a NaN, and a NaN is within no tolerance.
            absolute = Math.max(absolute, difference);
            scaled = Math.max(scaled, difference / (1 + Math.abs(b[i])));
            largest = Math.max(largest, Math.abs(b[i]));
        }
        return new Deviation(absolute, scaled, largest);
    }

    /** The cosine of the angle between two arrays. */
    static double cosine(float[] a, float[] b) {
        double dot = 0;
        double squareA = 0;
        double squareB = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            squareA += (double) a[i] * a[i];
            squareB += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(squareA * squareB);
    }

    boolean within(double tolerance) {
        return scaled <= tolerance && largest > 0;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "differ by at most %.1e (of values up to %.2f)", absolute, largest);
    }
}
