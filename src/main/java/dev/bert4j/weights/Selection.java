package dev.bert4j.weights;

/**
 * A part of a tensor.
 *
 * @param dimension the dimension that becomes smaller, 0 being the outermost
 * @param indices which of its entries stay, in that order
 */
public record Selection(int dimension, int[] indices) {
}
