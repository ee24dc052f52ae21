package dev.bert4j;

import java.util.Arrays;

/**
 * The loss of a classification of texts, which depends on what it is trained for: the config's problem type or, where
 * it has none, what number and type of the labels tell. Computed in double.
 */
final class SequenceLoss {
    private static final String REGRESSION = "regression";
    private static final String SINGLE = "single_label_classification";
    private static final String MULTI = "multi_label_classification";

    private SequenceLoss() {
    }

    /**
     * Cross-entropy of one label a text; for a regression to a single value, its mean squared error.
     *
     * @param logits [B, numLabels]
     * @param problemType of the config, or null
     * @throws IllegalArgumentException if the problem type takes other labels, or they do not fit the logits
     */
    static Tensor of(Tensor logits, int[] labels, String problemType) {
        boolean one = logits.size(1) == 1;
        String type = problemType != null ? problemType : one ? REGRESSION : SINGLE;
        if (type.equals(SINGLE)) {
            return CrossEntropy.loss(logits, labels);
        }
        if (type.equals(MULTI) || !one) {
            throw new IllegalArgumentException("The labels are integers, one a text, but a model for " + type
                    + " with " + logits.size(1) + " labels takes a tensor " + right(logits) + ".");
        }
        float[] values = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
            values[i] = labels[i];
        }
        return of(logits, Tensor.of(values, labels.length), REGRESSION);
    }

    /**
     * The mean squared error of a regression, or the binary cross-entropy of labels of which a text may have several.
     *
     * @param logits [B, numLabels]
     * @param labels [B, numLabels], or for a regression to a single value also [B]
     * @param problemType of the config, or null
     * @throws IllegalArgumentException if the problem type takes other labels, or they have another shape
     */
    static Tensor of(Tensor logits, Tensor labels, String problemType) {
        boolean one = logits.size(1) == 1;
        String type = problemType != null ? problemType : one ? REGRESSION : MULTI;
        if (type.equals(SINGLE)) {
            throw new IllegalArgumentException("The labels are a tensor, but a model for " + type
                    + " takes integers, one for each of " + logits.size(0) + " texts.");
        }
        boolean flat = one && type.equals(REGRESSION);
        if (!Arrays.equals(labels.shape(), logits.shape())
                && !(flat && Arrays.equals(labels.shape(), new int[] {logits.size(0)}))) {
            throw new IllegalArgumentException("labels has the shape " + Arrays.toString(labels.shape())
                    + " but must be " + (flat ? "[" + logits.size(0) + "] or " : "") + right(logits) + ".");
        }
        return CrossEntropy.scalar(type.equals(REGRESSION) ? meanSquared(logits.data(), labels.data())
                : binaryCrossEntropy(logits.data(), labels.data()));
    }

    private static String right(Tensor logits) {
        return Arrays.toString(logits.shape());
    }

    /** The mean of the squared differences. */
    static double meanSquared(float[] values, float[] labels) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double difference = (double) values[i] - labels[i];
            sum += difference * difference;
        }
        return sum / values.length;
    }

    /**
     * The mean of {@code −(y·log σ(x) + (1 − y)·log(1 − σ(x)))}, as {@code max(x, 0) − x·y + log(1 + exp(−|x|))}, in
     * which nothing overflows and no digits cancel.
     */
    static double binaryCrossEntropy(float[] logits, float[] labels) {
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            double x = logits[i];
            sum += Math.max(x, 0) - x * labels[i] + Math.log1p(Math.exp(-Math.abs(x)));
        }
        return sum / logits.length;
    }
}
