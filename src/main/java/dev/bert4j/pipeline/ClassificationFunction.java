package dev.bert4j.pipeline;

/** What makes scores of a classifier's logits ({@code function_to_apply}). */
public enum ClassificationFunction {
    /** What the config tells: a sigmoid for several labels at once and for a single one, else a softmax. */
    DEFAULT,
    /** Each label's probability on its own. */
    SIGMOID,
    /** Probabilities that sum up to 1. */
    SOFTMAX,
    /** The logits themselves. */
    NONE
}
