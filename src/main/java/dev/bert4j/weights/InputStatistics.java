package dev.bert4j.weights;

/**
 * What comes into a linear layer: how errors of its weights add up.
 *
 * @param mean of each feature, {@code [in]}
 * @param covariance of the features, {@code [in][in]}, of which only the lower triangle is read
 */
public record InputStatistics(double[] mean, double[][] covariance) {
}
