package dev.bert4j.backend;

/**
 * The parameters of {@code y = x·Wᵀ + b}.
 *
 * @param weight {@code [out, in]}
 * @param bias {@code [out]}, or null for none
 * @param in features of x
 * @param out features of y
 */
public record LinearWeights(Parameter weight, Parameter bias, int in, int out) {
}
