package dev.bert4j.weights;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Scales for the columns of matrices whose inputs are rounded to bytes with one scale a token: a feature that is many
 * times as large as the others would leave them few of the 255 steps. It is divided, and the column of the weight that
 * it meets multiplied, by the root of its largest magnitude over that of the column, so that both sides share what is
 * hard to round (G. Xiao et al., SmoothQuant, 2023, with the exponent 1/2).
 *
 * <p>That is done for what comes out of a layer normalisation, into query, key and value, which have one input and one
 * set of scales, and into the intermediate layer: elsewhere it gained nothing.
 */
final class ColumnScales {
    private static final Pattern OF_ATTENTION = Pattern.compile("(.*\\.attention\\.self\\.)(query|key|value)\\.weight");
    private static final Pattern INTERMEDIATE = Pattern.compile(".*\\.intermediate\\.dense\\.weight");
    /** What is smaller than that part of the largest counts as that. */
    private static final float LEAST = 1e-4f;
    /** No feature is scaled by more. */
    private static final float MOST = 64;

    private final Map<String, WeightTensor> tensors;
    /** Of the matrices that have one input, by the first of them. */
    private final Map<String, float[]> known = new LinkedHashMap<>();

    ColumnScales(Map<String, WeightTensor> tensors) {
        this.tensors = tensors;
    }

    /**
     * The scales for a matrix by what comes into it, which may be null; null where there are to be none.
     *
     * @throws IllegalArgumentException if the input has not as many features as the matrix columns
     */
    float[] of(String name, InputStatistics input) {
        Matcher ofAttention = OF_ATTENTION.matcher(name);
        List<String> together = ofAttention.matches()
                ? Stream.of("query", "key", "value").map(part -> ofAttention.group(1) + part + ".weight")
                        .filter(tensors::containsKey).toList()
                : INTERMEDIATE.matcher(name).matches() ? List.of(name) : List.of();
        if (together.isEmpty() || input == null) {
            return null;
        }
        if (input.largest().length != tensors.get(name).size(1)) {
            throw new IllegalArgumentException("What is known of the inputs of " + name + " has "
                    + input.largest().length + " features, and its columns are " + tensors.get(name).size(1) + ".");
        }
        return known.computeIfAbsent(together.getFirst(), _ -> {
            float[] weights = new float[input.largest().length];
            together.forEach(matrix -> addLargest(tensors.get(matrix), weights));
            return balanced(input.largest(), weights);
        });
    }

    private static void addLargest(WeightTensor matrix, float[] largest) {
        float[] values = matrix.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            largest[i % largest.length] = Math.max(largest[i % largest.length], Math.abs(values[i]));
        }
    }

    /** What columns are multiplied with, and inputs divided by: around 1. */
    private static float[] balanced(float[] inputs, float[] weights) {
        float leastInput = LEAST * largest(inputs);
        float leastWeight = LEAST * largest(weights);
        if (!(leastInput > 0 && leastWeight > 0 && leastInput * leastWeight < Float.POSITIVE_INFINITY)) {
            return null;
        }
        float[] scales = new float[inputs.length];
        for (int k = 0; k < scales.length; k++) {
            scales[k] = (float) Math.sqrt((double) Math.max(weights[k], leastWeight)
                    / Math.max(inputs[k], leastInput));
        }
        float[] sorted = scales.clone();
        Arrays.sort(sorted);
        for (int k = 0; k < scales.length; k++) {
            scales[k] = Math.clamp(scales[k] / sorted[sorted.length / 2], 1 / MOST, MOST);
        }
        return scales;
    }

    private static float largest(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, value);
        }
        return largest;
    }
}
