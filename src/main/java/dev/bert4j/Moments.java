package dev.bert4j;

import dev.bert4j.weights.InputStatistics;
import java.util.stream.IntStream;

/** Magnitudes, sums and products of features over tokens. */
final class Moments {
    private float[] largest;
    private double[] sums;
    private double[][] products;
    private long tokens;

    /** Tokens that were added. */
    long tokens() {
        return tokens;
    }

    /** Adds tokens, [tokens, features]. */
    void add(Tensor values) {
        int count = values.size(0);
        int features = values.size(1);
        if (products == null) {
            largest = new float[features];
            sums = new double[features];
            products = new double[features][];
            for (int i = 0; i < features; i++) {
                products[i] = new double[i + 1];
            }
        }
        float[] x = values.data();
        for (int i = 0; i < x.length; i++) {
            sums[i % features] += x[i];
        }
        addLargest(x, largest);
        IntStream.range(0, features).parallel().forEach(i -> {
            double[] row = products[i];
            for (int at = 0; at < x.length; at += features) {
                double value = x[at + i];
                for (int j = 0; j <= i; j++) {
                    row[j] += value * x[at + j];
                }
            }
        });
        tokens += count;
    }

    /** Whether all values that were added are finite numbers. */
    boolean isFinite() {
        for (float value : largest) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /** Raises the largest magnitude of each feature to those of tokens, [tokens, features]. */
    static void addLargest(float[] values, float[] largest) {
        for (int i = 0; i < values.length; i++) {
            largest[i % largest.length] = Math.max(largest[i % largest.length], Math.abs(values[i]));
        }
    }

    /** Magnitudes, mean and covariance. */
    InputStatistics statistics() {
        double[] mean = new double[sums.length];
        double[][] covariance = new double[sums.length][];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = sums[i] / tokens;
            covariance[i] = new double[i + 1];
            for (int j = 0; j <= i; j++) {
                covariance[i][j] = products[i][j] / tokens - mean[i] * mean[j];
            }
        }
        return new InputStatistics(largest, mean, covariance);
    }
}
