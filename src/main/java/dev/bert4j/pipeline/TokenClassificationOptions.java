package dev.bert4j.pipeline;

import java.util.Objects;
import java.util.Set;

/**
 * How tokens are classified. Immutable; each {@code with…} returns a changed copy.
 *
 * @param aggregationStrategy how the labels of tokens become those of words and groups
 * @param ignoreLabels labels that are left out: of groups their names without {@code B-} and {@code I-}
 * @param stride tokens that the windows of a long text have in common, at least 0; or {@link #NO_WINDOWS} to cut it
 */
public record TokenClassificationOptions(AggregationStrategy aggregationStrategy, Set<String> ignoreLabels,
        int stride) {
    /** A text with more tokens than the model takes is cut, with a warning. */
    public static final int NO_WINDOWS = -1;

    private static final TokenClassificationOptions DEFAULTS = new TokenClassificationOptions(AggregationStrategy.NONE,
            Set.of("O"), NO_WINDOWS);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the stride is less than −1, or given without an aggregation strategy
     */
    public TokenClassificationOptions {
        Objects.requireNonNull(aggregationStrategy, "aggregationStrategy");
        ignoreLabels = Set.copyOf(ignoreLabels);
        if (stride < NO_WINDOWS) {
            throw new IllegalArgumentException("stride must be at least 0, or -1 to cut long texts, not " + stride
                    + ".");
        }
        if (stride != NO_WINDOWS && aggregationStrategy == AggregationStrategy.NONE) {
            throw new IllegalArgumentException("A stride of " + stride + " needs an aggregation strategy, for windows"
                    + " are merged by their groups; give one that is not NONE.");
        }
    }

    /** Each token on its own but those labelled {@code O}, and long texts cut. */
    public static TokenClassificationOptions defaults() {
        return DEFAULTS;
    }

    /** With that strategy. */
    public TokenClassificationOptions withAggregationStrategy(AggregationStrategy strategy) {
        return new TokenClassificationOptions(strategy, ignoreLabels, stride);
    }

    /** Without those labels. */
    public TokenClassificationOptions withIgnoreLabels(Set<String> labels) {
        return new TokenClassificationOptions(aggregationStrategy, labels, stride);
    }

    /** With windows that have that many tokens in common. */
    public TokenClassificationOptions withStride(int tokens) {
        return new TokenClassificationOptions(aggregationStrategy, ignoreLabels, tokens);
    }
}
