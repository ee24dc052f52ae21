package dev.bert4j.sentence;

/**
 * How texts are encoded. Immutable; each {@code with…} returns a changed copy.
 *
 * @param prompt a text that is put before each, or null for the one of {@code promptName}
 * @param promptName the name of a prompt of the model, or null for its default
 * @param normalize whether vectors get length 1
 * @param truncateDim how many of the leading values are kept, 0 for all; cut before they are normalised
 * @param batchTokens tokens that run at a time; a longer text runs alone
 */
public record SentenceOptions(String prompt, String promptName, boolean normalize, int truncateDim, int batchTokens) {
    private static final SentenceOptions DEFAULTS = new SentenceOptions(null, null, false, 0, TokenBatches.TOKENS);

    /** Checks it. */
    public SentenceOptions {
        if (truncateDim < 0) {
            throw new IllegalArgumentException("truncateDim must be at least 1, or 0 for all, not " + truncateDim
                    + ".");
        }
        if (batchTokens < 1) {
            throw new IllegalArgumentException("batchTokens must be at least 1, not " + batchTokens + ".");
        }
    }

    /** The model's own prompt, all values, 2048 tokens at a time. */
    public static SentenceOptions defaults() {
        return DEFAULTS;
    }

    /** With a text that is put before each. */
    public SentenceOptions withPrompt(String text) {
        return new SentenceOptions(text, promptName, normalize, truncateDim, batchTokens);
    }

    /** With a prompt of the model. */
    public SentenceOptions withPromptName(String name) {
        return new SentenceOptions(prompt, name, normalize, truncateDim, batchTokens);
    }

    /** With vectors of length 1. */
    public SentenceOptions normalized() {
        return new SentenceOptions(prompt, promptName, true, truncateDim, batchTokens);
    }

    /** With the leading values only. */
    public SentenceOptions withTruncateDim(int values) {
        return new SentenceOptions(prompt, promptName, normalize, values, batchTokens);
    }

    /** With so many tokens at a time. */
    public SentenceOptions withBatchTokens(int tokens) {
        return new SentenceOptions(prompt, promptName, normalize, truncateDim, tokens);
    }
}
