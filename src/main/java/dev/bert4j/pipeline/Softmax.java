package dev.bert4j.pipeline;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Probabilities of a row of logits, and the best of them. */
final class Softmax {
    private Softmax() {
    }

    /**
     * The probabilities, summed in double.
     *
     * @throws IllegalStateException if a logit is no finite number
     */
    static float[] of(float[] logits) {
        double maximum = Double.NEGATIVE_INFINITY;
        for (float logit : requireNumbers(logits)) {
            maximum = Math.max(maximum, logit);
        }
        double[] powers = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            powers[i] = Math.exp(logits[i] - maximum);
            sum += powers[i];
        }
        float[] probabilities = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = (float) (powers[i] / sum);
        }
        return probabilities;
    }

    /** Each probability on its own. */
    static float[] sigmoid(float[] logits) {
        float[] probabilities = new float[requireNumbers(logits).length];
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = (float) (1 / (1 + Math.exp(-(double) logits[i])));
        }
        return probabilities;
    }

    /** The logits, if they are finite numbers. */
    static float[] requireNumbers(float[] logits) {
        for (float logit : logits) {
            if (!Float.isFinite(logit)) {
                throw new IllegalStateException("The model's scores are not numbers: its weights are damaged.");
            }
        }
        return logits;
    }

    /** The index of the largest value; of equal ones the first. */
    static int best(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    /** The indices of the k largest of the first {@code count} values, the largest first; of equal values the first. */
    static int[] topK(float[] values, int count, int k) {
        Comparator<Integer> worstFirst = Comparator.<Integer>comparingDouble(i -> values[i])
                .thenComparing(Comparator.reverseOrder());
        PriorityQueue<Integer> best = new PriorityQueue<>(worstFirst);
        for (int i = 0; i < count; i++) {
            if (best.size() < k) {
                best.add(i);
            } else if (values[i] > values[best.peek()]) {
                best.poll();
                best.add(i);
            }
        }
        int[] indices = new int[best.size()];
        for (int i = indices.length - 1; i >= 0; i--) {
            indices[i] = best.poll();
        }
        return indices;
    }
}
