package dev.bert4j;

/**
 * How texts are encoded, named as the arguments of the reference. Immutable; each {@code with…} returns a changed copy.
 *
 * @param addSpecialTokens whether the template puts special tokens around the texts
 * @param truncation which text is cut when there are more tokens than {@code maxLength}
 * @param maxLength the most tokens, special ones included, at least 0; or −1 for the model's limit, if it has one
 * @param stride tokens of the end of a window that the next one begins with, at least 0
 * @param padding to which length encodings are padded
 * @param padToMultipleOf what the padded length must be a multiple of, or 0
 * @param truncationSide where tokens are cut, or null for the tokenizer's side
 * @param paddingSide where padding goes, or null for the tokenizer's side
 */
public record EncodeOptions(boolean addSpecialTokens, TruncationStrategy truncation, int maxLength, int stride,
        PaddingStrategy padding, int padToMultipleOf, Side truncationSide, Side paddingSide) {
    /** The model's limit. */
    public static final int MODEL_MAX_LENGTH = -1;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range, or a strategy is null
     */
    public EncodeOptions {
        require(truncation != null, "truncation", null, "a strategy");
        require(padding != null, "padding", null, "a strategy");
        require(maxLength >= MODEL_MAX_LENGTH, "maxLength", maxLength, "at least 0, or -1 for the model's limit");
        require(stride >= 0, "stride", stride, "at least 0");
        require(padToMultipleOf >= 0, "padToMultipleOf", padToMultipleOf, "at least 1, or 0 for any length");
    }

    private static void require(boolean holds, String name, Object value, String right) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + " but must be " + right + ".");
        }
    }

    /** Special tokens, no truncation, no padding. */
    public static EncodeOptions defaults() {
        return new EncodeOptions(true, TruncationStrategy.DO_NOT_TRUNCATE, MODEL_MAX_LENGTH, 0,
                PaddingStrategy.DO_NOT_PAD, 0, null, null);
    }

    /** The texts' tokens alone. */
    public EncodeOptions withoutSpecialTokens() {
        return withSpecialTokens(false);
    }

    /** With special tokens, or without. */
    public EncodeOptions withSpecialTokens(boolean add) {
        return new EncodeOptions(add, truncation, maxLength, stride, padding, padToMultipleOf, truncationSide,
                paddingSide);
    }

    /** Cut to the model's limit, or to what {@link #withMaxLength} says. */
    public EncodeOptions withTruncation(TruncationStrategy strategy) {
        return new EncodeOptions(addSpecialTokens, strategy, maxLength, stride, padding, padToMultipleOf,
                truncationSide, paddingSide);
    }

    /** With that length for truncation and padding. */
    public EncodeOptions withMaxLength(int tokens) {
        return new EncodeOptions(addSpecialTokens, truncation, tokens, stride, padding, padToMultipleOf,
                truncationSide, paddingSide);
    }

    /** With windows that begin with that many tokens of the one before. */
    public EncodeOptions withStride(int tokens) {
        return new EncodeOptions(addSpecialTokens, truncation, maxLength, tokens, padding, padToMultipleOf,
                truncationSide, paddingSide);
    }

    /** With padding. */
    public EncodeOptions withPadding(PaddingStrategy strategy) {
        return new EncodeOptions(addSpecialTokens, truncation, maxLength, stride, strategy, padToMultipleOf,
                truncationSide, paddingSide);
    }

    /** With padded lengths that are multiples of that. */
    public EncodeOptions withPadToMultipleOf(int tokens) {
        return new EncodeOptions(addSpecialTokens, truncation, maxLength, stride, padding, tokens, truncationSide,
                paddingSide);
    }

    /** With the sides at which texts are cut and padded; null for the tokenizer's. */
    public EncodeOptions withSides(Side truncated, Side padded) {
        return new EncodeOptions(addSpecialTokens, truncation, maxLength, stride, padding, padToMultipleOf, truncated,
                padded);
    }
}
