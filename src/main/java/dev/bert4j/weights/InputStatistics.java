package dev.bert4j.weights;

/**
 * What comes into a linear layer: how large it gets, and how errors of its weights add up.
 *
 * @param largest magnitude of each feature, {@code [in]}
 * @param mean of each feature, {@code [in]}; null where only magnitudes are known
 * @param covariance of the features, {@code [in][in]}, of which only the lower triangle is read; null with the mean
 */
public record InputStatistics(float[] largest, double[] mean, double[][] covariance) {
    /** The same of features that are multiplied with factors. */
    InputStatistics times(float[] factors) {
        float[] magnitudes = largest.clone();
        double[] means = mean == null ? null : mean.clone();
        double[][] covariances = covariance == null ? null : new double[covariance.length][];
        for (int i = 0; i < factors.length; i++) {
            magnitudes[i] *= factors[i];
            if (mean != null) {
                means[i] *= factors[i];
                covariances[i] = covariance[i].clone();
                for (int j = 0; j <= i; j++) {
                    covariances[i][j] *= (double) factors[i] * factors[j];
                }
            }
        }
        return new InputStatistics(magnitudes, means, covariances);
    }
}
