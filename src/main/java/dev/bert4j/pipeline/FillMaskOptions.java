package dev.bert4j.pipeline;

import java.util.List;

/**
 * How masks are filled. Immutable; each {@code with…} returns a changed copy.
 *
 * @param topK how many predictions for each mask, at least 1; no more are given than there are tokens or targets
 * @param targets the only words that may be predicted, or null for the whole vocabulary. A word that is no token counts
 *     as its first token, with a warning. Scores stay the probabilities among all tokens
 */
public record FillMaskOptions(int topK, List<String> targets) {
    private static final FillMaskOptions DEFAULTS = new FillMaskOptions(5, null);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if topK is less than 1, or there is a list of targets without any
     */
    public FillMaskOptions {
        if (topK < 1) {
            throw new IllegalArgumentException("topK must be at least 1, not " + topK + ".");
        }
        if (targets != null && targets.isEmpty()) {
            throw new IllegalArgumentException("There are no targets; name at least one word, or give null for all.");
        }
        targets = targets == null ? null : List.copyOf(targets);
    }

    /** Five predictions out of the whole vocabulary. */
    public static FillMaskOptions defaults() {
        return DEFAULTS;
    }

    /** With that many predictions. */
    public FillMaskOptions withTopK(int count) {
        return new FillMaskOptions(count, targets);
    }

    /** With these words alone; null for all. */
    public FillMaskOptions withTargets(List<String> words) {
        return new FillMaskOptions(topK, words);
    }
}
