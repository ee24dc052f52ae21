package dev.bert4j;

/** The loss of a classification. */
final class CrossEntropy {
    /** The label of what does not count. */
    static final int IGNORE = -100;

    private CrossEntropy() {
    }

    /**
     * The mean of {@code −log softmax(logits)[label]} over the labels that are not −100; NaN if there are none.
     *
     * @param logits [B, T, classes]
     * @param labels [B, T]
     * @throws IllegalArgumentException if the labels have another shape or lie outside the classes
     */
    static Tensor loss(Tensor logits, int[][] labels) {
        int length = logits.size(1);
        int classes = logits.size(2);
        if (labels.length != logits.size(0)) {
            throw new IllegalArgumentException("labels has " + labels.length + " rows for "
                    + logits.size(0) + " texts.");
        }
        double sum = 0;
        int count = 0;
        for (int row = 0; row < labels.length; row++) {
            if (labels[row].length != length) {
                throw new IllegalArgumentException("Row " + row + " of labels has " + labels[row].length
                        + " entries for " + length + " tokens.");
            }
            for (int t = 0; t < length; t++) {
                int label = labels[row][t];
                if (label == IGNORE) {
                    continue;
                }
                if (label < 0 || label >= classes) {
                    throw new IllegalArgumentException("labels[" + row + "][" + t + "] is " + label
                            + ", which is neither -100 nor in [0, " + classes + ").");
                }
                sum += negativeLogSoftmax(logits.data(), (row * length + t) * classes, classes, label);
                count++;
            }
        }
        return Tensor.of(new float[] {(float) (sum / count)});
    }

    /** As {@link #loss}, each token being compared with the label of the next. */
    static Tensor shifted(Tensor logits, int[][] labels) {
        int[][] next = new int[labels.length][];
        for (int row = 0; row < labels.length; row++) {
            next[row] = new int[labels[row].length];
            for (int t = 0; t < next[row].length; t++) {
                next[row][t] = t + 1 < next[row].length ? labels[row][t + 1] : IGNORE;
            }
        }
        return loss(logits, next);
    }

    private static double negativeLogSoftmax(float[] logits, int from, int classes, int label) {
        float maximum = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            maximum = Math.max(maximum, logits[from + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(logits[from + c] - maximum);
        }
        return Math.log(sum) - (logits[from + label] - maximum);
    }
}
