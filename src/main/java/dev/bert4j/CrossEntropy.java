package dev.bert4j;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The loss of a classification, computed in double: the mean of {@code −log softmax(logits)[label]}. */
final class CrossEntropy {
    /** The label of what does not count. */
    static final int IGNORE = -100;

    private CrossEntropy() {
    }

    /**
     * The loss over the labels that are not −100, one for each token; NaN if there are none.
     *
     * @param logits [B, T, classes]
     * @param labels [B, T]
     * @throws IllegalArgumentException if the labels have another shape or lie outside the classes
     */
    static Tensor loss(Tensor logits, int[][] labels) {
        return scalar(mean(logits, labels));
    }

    /**
     * The loss over the labels that are not −100, one for each text; NaN if there are none.
     *
     * @param logits [B, classes]
     * @param labels [B]
     * @throws IllegalArgumentException if the labels are not as many or lie outside the classes
     */
    static Tensor loss(Tensor logits, int[] labels) {
        return scalar(mean(logits, labels, "labels"));
    }

    /**
     * As {@link #loss(Tensor, int[][])}, each token being compared with the label of the next: the first label of a
     * text never counts.
     */
    static Tensor nextTokenLoss(Tensor logits, int[][] labels) {
        checkRows(logits, labels, 1);
        IntStream next = Arrays.stream(labels).flatMapToInt(row -> IntStream.concat(Arrays.stream(row).skip(1),
                IntStream.of(IGNORE)));
        return scalar(mean(logits.data(), logits.size(2), next.toArray(), IGNORE));
    }

    /** A loss as outputs have it. */
    static Tensor scalar(double loss) {
        return Tensor.of(new float[] {(float) loss});
    }

    /** As {@link #loss(Tensor, int[][])}, not rounded. */
    static double mean(Tensor logits, int[][] labels) {
        checkRows(logits, labels, 0);
        return mean(logits.data(), logits.size(2), Arrays.stream(labels).flatMapToInt(Arrays::stream).toArray(),
                IGNORE);
    }

    /** Checks labels [B, T]; those of the first {@code ignored} tokens of a text may be anything. */
    private static void checkRows(Tensor logits, int[][] labels, int ignored) {
        if (labels == null) {
            throw new IllegalArgumentException("labels is null; without labels, call forward(input).");
        }
        int length = logits.size(1);
        if (labels.length != logits.size(0)) {
            throw new IllegalArgumentException("labels has " + labels.length + " rows for "
                    + logits.size(0) + " texts.");
        }
        for (int row = 0; row < labels.length; row++) {
            if (labels[row] == null) {
                throw new IllegalArgumentException("Row " + row + " of labels is null.");
            }
            if (labels[row].length != length) {
                throw new IllegalArgumentException("Row " + row + " of labels has " + labels[row].length
                        + " entries for " + length + " tokens.");
            }
            check(labels[row], ignored, logits.size(2), "labels[" + row + "]");
        }
    }

    /** As {@link #loss(Tensor, int[])}, not rounded; {@code name} is what the labels are called in messages. */
    static double mean(Tensor logits, int[] labels, String name) {
        checkCount(logits, labels, name);
        check(labels, 0, logits.size(1), name);
        return mean(logits.data(), logits.size(1), labels, IGNORE);
    }

    /** Checks that there is one label for each row of logits. */
    static void checkCount(Tensor logits, int[] labels, String name) {
        if (labels == null) {
            throw new IllegalArgumentException(name + " is null; without labels, call forward(input).");
        }
        if (labels.length != logits.size(0)) {
            throw new IllegalArgumentException(name + " has " + labels.length + " entries but must have "
                    + logits.size(0) + ".");
        }
    }

    private static void check(int[] labels, int from, int classes, String name) {
        for (int i = from; i < labels.length; i++) {
            if (labels[i] != IGNORE && (labels[i] < 0 || labels[i] >= classes)) {
                throw new IllegalArgumentException(name + "[" + i + "] is " + labels[i]
                        + ", which is neither -100 nor in [0, " + classes + ").");
            }
        }
    }

    /**
     * The mean over rows of logits, each with a label; NaN if none counts.
     *
     * @param ignore the label that does not count; all others are classes
     */
    static double mean(float[] logits, int classes, int[] labels, int ignore) {
        double sum = 0;
        int count = 0;
        for (int row = 0; row < labels.length; row++) {
            if (labels[row] != ignore) {
                sum += negativeLogSoftmax(logits, row * classes, classes, labels[row]);
                count++;
            }
        }
        return sum / count;
    }

    private static double negativeLogSoftmax(float[] logits, int from, int classes, int label) {
        float maximum = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            maximum = Math.max(maximum, logits[from + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp((double) logits[from + c] - maximum);
        }
        return Math.log(sum) - ((double) logits[from + label] - maximum);
    }
}
