package dev.bert4j.pipeline;

import dev.bert4j.EncodeOptions;
import java.util.Objects;

/**
 * How texts are classified. Immutable; each {@code with…} returns a changed copy.
 *
 * @param topK how many labels for each text, the best first, at least 1; {@link #ALL} for all
 * @param functionToApply what makes scores of logits
 * @param encoding how texts are encoded: by default a text that is too long is refused, not cut
 */
public record TextClassificationOptions(int topK, ClassificationFunction functionToApply, EncodeOptions encoding) {
    /** All labels. */
    public static final int ALL = Integer.MAX_VALUE;

    private static final TextClassificationOptions DEFAULTS = new TextClassificationOptions(1,
            ClassificationFunction.DEFAULT, EncodeOptions.defaults());

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if topK is less than 1
     */
    public TextClassificationOptions {
        if (topK < 1) {
            throw new IllegalArgumentException("topK must be at least 1, not " + topK + ".");
        }
        Objects.requireNonNull(functionToApply, "functionToApply");
        Objects.requireNonNull(encoding, "encoding");
    }

    /** The best label, its score as the config tells, and no truncation. */
    public static TextClassificationOptions defaults() {
        return DEFAULTS;
    }

    /** With that many labels. */
    public TextClassificationOptions withTopK(int count) {
        return new TextClassificationOptions(count, functionToApply, encoding);
    }

    /** With that function. */
    public TextClassificationOptions withFunctionToApply(ClassificationFunction function) {
        return new TextClassificationOptions(topK, function, encoding);
    }

    /** With texts encoded, and cut, as these options say. */
    public TextClassificationOptions withEncoding(EncodeOptions options) {
        return new TextClassificationOptions(topK, functionToApply, options);
    }
}
