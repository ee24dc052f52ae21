package dev.bert4j.weights;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Rounds rows of weights one weight after the other, and lets each take over what the errors of those before have done
 * to the output, as far as their inputs move together (E. Frantar et al., GPTQ, 2022; it is the nearest-plane method of
 * L. Babai, 1986, in the lattice of the inputs, and in that form needs no inverse).
 *
 * <p>With the covariance of the inputs C = L·Lᵀ the square of an output's error is |Lᵀ·(w − q)|². Lᵀ is triangular:
 * from the last weight to the first, each is rounded where it makes its own component of that vector smallest, whatever
 * the later ones have left in it.
 */
final class ErrorFeedback {
    /** Added to the diagonal, as a share of its mean: features that hardly move would be rounded anywhere. */
    private static final double DAMPING = 0.01;

    /** Row j holds {@code L[j][k] / L[k][k]} for k &lt; j. */
    private final double[][] factors;

    /**
     * For a covariance, of which only the lower triangle is read.
     *
     * @throws IllegalArgumentException if it is none
     */
    ErrorFeedback(double[][] covariance) {
        int size = covariance.length;
        double[][] lower = new double[size][];
        double trace = 0;
        for (int i = 0; i < size; i++) {
            lower[i] = Arrays.copyOf(covariance[i], i + 1);
            trace += lower[i][i];
        }
        double damping = trace > 0 ? DAMPING * trace / size : 1;
        for (int i = 0; i < size; i++) {
            lower[i][i] += damping;
        }
        decompose(lower);
        factors = lower;
    }

    /** Cholesky's decomposition in place, column by column, each divided by its diagonal. */
    private static void decompose(double[][] lower) {
        int size = lower.length;
        for (int k = 0; k < size; k++) {
            double pivot = lower[k][k];
            if (!(pivot > 0 && pivot < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("What is known of the inputs is no covariance, at feature " + k
                        + "; it must be finite and have no negative eigenvalue.");
            }
            double[] column = new double[size];
            for (int i = k + 1; i < size; i++) {
                column[i] = lower[i][k];
            }
            int first = k + 1;
            IntStream.range(first, size).parallel().forEach(i -> {
                double factor = column[i] / pivot;
                double[] row = lower[i];
                for (int j = first; j <= i; j++) {
                    row[j] -= factor * column[j];
                }
                row[first - 1] = factor;
            });
        }
    }

    /** The integers of a row, times a scale as near to its weights as their errors on the output let them be. */
    void round(float[] row, float scale, int most, byte[] integers) {
        double[] carried = new double[row.length];
        for (int k = row.length - 1; k >= 0; k--) {
            long nearest = scale == 0 ? 0 : Math.round((row[k] + carried[k]) / scale);
            integers[k] = (byte) Math.clamp(nearest, -most, most);
            double error = row[k] - (double) integers[k] * scale;
            double[] factor = factors[k];
            for (int j = 0; j < k; j++) {
                carried[j] += factor[j] * error;
            }
        }
    }
}
