package dev.bert4j;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Chooses the next token by its score. */
final class TokenChoice {
    private TokenChoice() {
    }

    /**
     * The token that the options choose.
     *
     * @param logits one score for each word of the vocabulary
     * @throws ArithmeticException if a score is infinitely large or not a number
     */
    static int choose(float[] logits, GenerationOptions options, RandomGenerator random) {
        for (int token = 0; token < logits.length; token++) {
            if (!(logits[token] < Float.POSITIVE_INFINITY)) {
                throw new ArithmeticException("The score of token " + token + " is " + logits[token] + "; the weights"
                        + " of this model are damaged or too large.");
            }
        }
        return options.sample() ? draw(logits, options, random) : likeliest(logits);
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int token = 1; token < logits.length; token++) {
            if (logits[token] > logits[best]) {
                best = token;
            }
        }
        return best;
    }

    private static int draw(float[] logits, GenerationOptions options, RandomGenerator random) {
        int[] tokens = byFallingScore(logits);
        int count = tokens.length;
        if (options.topK() > 0 && options.topK() < count) {
            float last = logits[tokens[options.topK() - 1]];
            count = options.topK();
            while (count < tokens.length && logits[tokens[count]] == last) {
                count++;
            }
        }
        double[] sums = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(((double) logits[tokens[i]] - logits[tokens[0]]) / options.temperature());
            sums[i] = sum;
        }
        // The first place at which the sum has reached its share of the whole; with topP below 1, of what that leaves.
        int kept = options.topP() < 1 ? place(sums, options.topP() * sum) + 1 : count;
        return tokens[Math.min(place(sums, random.nextDouble() * sums[kept - 1]), kept - 1)];
    }

    /** The first place with at least that much. */
    private static int place(double[] sums, double share) {
        int at = Arrays.binarySearch(sums, share);
        int first = Math.min(at < 0 ? -at - 1 : at, sums.length - 1);
        while (first > 0 && sums[first - 1] >= share) {
            first--;
        }
        return first;
    }

    /** All tokens, the likeliest first, equal ones by their number. */
    private static int[] byFallingScore(float[] logits) {
        long[] keys = new long[logits.length];
        for (int token = 0; token < logits.length; token++) {
            int bits = Float.floatToIntBits(-logits[token] + 0f);
            // Floats in order as two's complement integers: those below zero run backwards.
            int ordered = bits ^ bits >> 31 & Integer.MAX_VALUE;
            keys[token] = (long) ordered << 32 | token;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }
}
