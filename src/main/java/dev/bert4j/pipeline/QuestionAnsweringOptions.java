package dev.bert4j.pipeline;

/**
 * How questions are answered. Immutable; each {@code with…} returns a changed copy.
 *
 * @param topK how many answers, the best first, at least 1; there may be fewer
 * @param maxAnswerLen the most tokens of an answer, at least 1
 * @param maxSeqLen the most tokens of a window with the question, at least 1; or {@link #DEFAULT} for 384, or what the
 *     model takes if that is less
 * @param docStride tokens that the windows of a long context have in common, at least 0 and at most maxSeqLen; or
 *     {@link #DEFAULT} for 128, or half a window if that is less
 * @param handleImpossibleAnswer whether "no answer" counts as one, with an empty text
 * @param alignToWords whether answers are widened to whole words
 */
public record QuestionAnsweringOptions(int topK, int maxAnswerLen, int maxSeqLen, int docStride,
        boolean handleImpossibleAnswer, boolean alignToWords) {
    /** A number that depends on the model. */
    public static final int DEFAULT = -1;

    private static final QuestionAnsweringOptions DEFAULTS = new QuestionAnsweringOptions(1, 15, DEFAULT, DEFAULT,
            false, true);
    private static final int WINDOW = 384;
    private static final int STRIDE = 128;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public QuestionAnsweringOptions {
        require(topK >= 1, "topK", topK, "at least 1");
        require(maxAnswerLen >= 1, "maxAnswerLen", maxAnswerLen, "at least 1");
        require(maxSeqLen >= 1 || maxSeqLen == DEFAULT, "maxSeqLen", maxSeqLen, "at least 1, or -1 for the default");
        require(docStride >= DEFAULT, "docStride", docStride, "at least 0, or -1 for the default");
        require(maxSeqLen == DEFAULT || docStride <= maxSeqLen, "docStride", docStride,
                "at most maxSeqLen, which is " + maxSeqLen);
    }

    private static void require(boolean holds, String name, int value, String right) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + " but must be " + right + ".");
        }
    }

    /** The best answer, of at most 15 tokens, in whole words. */
    public static QuestionAnsweringOptions defaults() {
        return DEFAULTS;
    }

    /** With that many answers. */
    public QuestionAnsweringOptions withTopK(int count) {
        return new QuestionAnsweringOptions(count, maxAnswerLen, maxSeqLen, docStride, handleImpossibleAnswer,
                alignToWords);
    }

    /** With answers of at most that many tokens. */
    public QuestionAnsweringOptions withMaxAnswerLen(int tokens) {
        return new QuestionAnsweringOptions(topK, tokens, maxSeqLen, docStride, handleImpossibleAnswer, alignToWords);
    }

    /** With windows of at most that many tokens. */
    public QuestionAnsweringOptions withMaxSeqLen(int tokens) {
        return new QuestionAnsweringOptions(topK, maxAnswerLen, tokens, docStride, handleImpossibleAnswer,
                alignToWords);
    }

    /** With windows that have that many tokens in common. */
    public QuestionAnsweringOptions withDocStride(int tokens) {
        return new QuestionAnsweringOptions(topK, maxAnswerLen, maxSeqLen, tokens, handleImpossibleAnswer,
                alignToWords);
    }

    /** With "no answer" among the answers, or not. */
    public QuestionAnsweringOptions withHandleImpossibleAnswer(boolean handle) {
        return new QuestionAnsweringOptions(topK, maxAnswerLen, maxSeqLen, docStride, handle, alignToWords);
    }

    /** With answers of whole words, or of tokens. */
    public QuestionAnsweringOptions withAlignToWords(boolean align) {
        return new QuestionAnsweringOptions(topK, maxAnswerLen, maxSeqLen, docStride, handleImpossibleAnswer, align);
    }

    /** The tokens of a window for a model that takes at most so many. */
    int window(int mostTokens) {
        return maxSeqLen == DEFAULT ? Math.min(mostTokens, WINDOW) : maxSeqLen;
    }

    /** The stride for windows of so many tokens. */
    int stride(int window) {
        int stride = docStride == DEFAULT ? Math.min(window / 2, STRIDE) : docStride;
        require(stride <= window, "docStride", stride, "at most the tokens of a window, " + window);
        return stride;
    }
}
