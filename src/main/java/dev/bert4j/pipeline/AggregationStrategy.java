package dev.bert4j.pipeline;

/** How the labels of tokens become those of words and groups. */
public enum AggregationStrategy {
    /** Each token stands for itself. */
    NONE,
    /** Neighbouring tokens of one label are a group; a word may fall apart. */
    SIMPLE,
    /** A word has the label of its first token; neighbouring words of one label are a group. */
    FIRST,
    /** A word has the label that is the best on the average of its tokens. */
    AVERAGE,
    /** A word has the label of the token that is the surest. */
    MAX
}
