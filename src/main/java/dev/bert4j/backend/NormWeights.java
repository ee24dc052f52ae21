package dev.bert4j.backend;

/**
 * The parameters of a layer normalisation.
 *
 * @param weight {@code [features]}
 * @param bias {@code [features]}
 * @param eps what is added to the variance
 */
public record NormWeights(Parameter weight, Parameter bias, float eps) {
}
