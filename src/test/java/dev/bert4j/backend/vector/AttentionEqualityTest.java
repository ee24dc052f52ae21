package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Weights;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Attention gives the bits of the reference: for texts that share panels, keys on both sides of a block of 128, heads
 * of odd sizes and every kind of mask.
 */
class AttentionEqualityTest {
    private static final float LOWEST = -Float.MAX_VALUE;
    private static final int[][] BATCHES = {{1}, {2}, {17}, {3, 1, 2, 11, 5}, {16, 16}, {7, 40, 1}};

    @TempDir
    Path folder;
    private Weights weights;
    private Widths widths;
    private Relative relative;
    private int[] keyLengths;

    @BeforeEach
    void open() {
        weights = new Weights(folder, 3);
        widths = new Widths(1, 3);
    }

    @AfterEach
    void close() {
        widths.close();
        weights.close();
    }

    @Test
    void everyHeadSize() {
        for (int size : new int[] {1, 3, 7, 12, 64}) {
            for (int[] lengths : BATCHES) {
                attend(lengths, 2, size, null, null);
            }
        }
    }

    @Test
    void everyLengthAroundTheBlocksOfKeys() {
        for (int length : new int[] {1, 2, 17, 127, 128, 129, 256, 260}) {
            attend(new int[] {length}, 1, 7, null, null);
            attend(new int[] {5, length, 2}, 2, 3, keyMask(new int[] {5, length, 2}, key -> key % 3 == 1 ? LOWEST : 0),
                    null);
        }
    }

    @Test
    void everyKindOfKeyMask() {
        for (int[] lengths : new int[][] {{1}, {17}, {7, 40, 1}, {130, 3}, {129}, {257}}) {
            attend(lengths, 2, 7, keyMask(lengths, key -> key > 4 ? LOWEST : 0), null);
            attend(lengths, 2, 7, keyMask(lengths, key -> key < 3 ? LOWEST : 0), null);
            attend(lengths, 2, 7, keyMask(lengths, key -> key < 128 ? LOWEST : 0), null);
            attend(lengths, 2, 7, keyMask(lengths, key -> key % 5 == 2 ? LOWEST : 0), null);
            attend(lengths, 2, 7, keyMask(lengths, key -> LOWEST), null);
            attend(lengths, 2, 7, keyMask(lengths, key -> LOWEST * (key % 4) / 3), null);
            attend(lengths, 2, 7, keyMask(lengths, key -> key % 7 - 3f), null);
            attend(lengths, 2, 7, keyMask(lengths, key -> key % 2 == 0 ? Float.NEGATIVE_INFINITY : 0), null);
        }
    }

    @Test
    void masksThatDifferBetweenTheQueries() {
        for (int[] lengths : new int[][] {{1}, {17}, {7, 40, 1}, {3, 130}}) {
            attend(lengths, 2, 7, queryMask(lengths, (query, key) -> key > query ? LOWEST : 0), null);
            attend(lengths, 2, 7, queryMask(lengths, (query, key) -> query == 2 ? LOWEST : 0), null);
            attend(lengths, 2, 7, queryMask(lengths, (query, key) -> (query * 7 + key) % 5 == 0 ? LOWEST / 2 : -key),
                    null);
        }
    }

    @Test
    void headMasks() {
        for (int[] lengths : BATCHES) {
            attend(lengths, 3, 7, null, new float[] {0, -1.5f, 1});
            attend(lengths, 3, 7, keyMask(lengths, key -> key > 2 ? LOWEST : 0), new float[] {0.3f, 1e30f, -0f});
        }
    }

    @Test
    void otherKeysThanTheText() {
        int[][] queries = {{1}, {17}, {3, 1, 2, 11, 5}, {7, 40, 1}};
        int[][] keys = {{9}, {1}, {5, 20, 1, 2, 33}, {130, 3, 257}};
        for (int i = 0; i < queries.length; i++) {
            keyLengths = keys[i];
            attend(queries[i], 2, 7, null, null);
            attend(queries[i], 2, 7, keyMask(keyLengths, key -> key > 4 ? LOWEST : 0), new float[] {1, 0.5f});
            float[][] additive = new float[queries[i].length][];
            for (int text = 0; text < additive.length; text++) {
                additive[text] = new float[queries[i][text] * keyLengths[text]];
                for (int j = 0; j < additive[text].length; j++) {
                    additive[text][j] = j % 3 == 1 ? LOWEST : j % 5;
                }
            }
            attend(queries[i], 2, 7, masks(additive, true), null);
        }
    }

    @Test
    void causalMasks() {
        for (int[] lengths : new int[][] {{1}, {2}, {17}, {129}, {7, 40, 1}, {3, 130}, {3, 1, 2, 11, 5}, {257}}) {
            for (float[] headMask : new float[][] {null, {0.5f, -1.5f}}) {
                attend(lengths, 2, 7, Collections.nCopies(lengths.length, AttentionMask.CAUSAL), headMask);
                attend(lengths, 2, 7, causal(keyMask(lengths, key -> key > 4 ? LOWEST : 0)), headMask);
                attend(lengths, 2, 7, causal(keyMask(lengths, key -> key < 3 ? LOWEST : 0)), headMask);
                attend(lengths, 2, 7, causal(keyMask(lengths, key -> LOWEST)), headMask);
                attend(lengths, 2, 7, causal(keyMask(lengths, key -> LOWEST * (key % 4) / 3)), headMask);
            }
        }
    }

    @Test
    void causalMasksAreThoseThatHideTheKeysBehindEveryQuery() {
        for (int[] lengths : new int[][] {{1}, {17}, {7, 40, 1}, {129}}) {
            int tokens = Arrays.stream(lengths).sum();
            float[][] qkv = {weights.floats(tokens * 6), weights.floats(tokens * 6), weights.floats(tokens * 6)};
            float[][] hidden = new float[lengths.length][];
            for (int text = 0; text < lengths.length; text++) {
                hidden[text] = new float[lengths[text] * lengths[text]];
                for (int i = 0; i < hidden[text].length; i++) {
                    hidden[text][i] = i % lengths[text] > i / lengths[text] ? LOWEST : 0;
                }
            }
            Widths.assertSameBits(attend(lengths, 2, 3, qkv, masks(hidden, true), null),
                    attend(lengths, 2, 3, qkv, Collections.nCopies(lengths.length, AttentionMask.CAUSAL), null),
                    "causal " + Arrays.toString(lengths));
        }
    }

    private static List<AttentionMask> causal(List<AttentionMask> masks) {
        return masks.stream().map(mask -> new AttentionMask(mask.additive(), false, true)).toList();
    }

    @Test
    void keysThatAreTheTextAgainAnswerAsTheTextItself() {
        int[] starts = {0, 5};
        float[] x = weights.floats(5 * 4);
        float[][] answers = new float[2][];
        for (int i = 0; i < 2; i++) {
            // The second time, the text stands behind another one that its queries do not see.
            int[] keyStarts = i == 0 ? starts : new int[] {3, 8};
            float[] others = Arrays.copyOf(weights.floats(3 * 4), i == 0 ? 0 : 3 * 4);
            float[] k = Arrays.copyOf(others, others.length + x.length);
            System.arraycopy(x, 0, k, others.length, x.length);
            AttentionSpec spec = new AttentionSpec(2, 2, starts, keyStarts, AttentionMask.none(1), null, null,
                    true);
            try (var session = widths.reference().open(5)) {
                answers[i] = session.download(session.attention(session.upload(x, 5, 4),
                        session.upload(k, k.length / 4, 4), session.upload(k, k.length / 4, 4), spec, null));
            }
        }
        Widths.assertSameBits(answers[0], answers[1], "keys behind others");
    }

    @Test
    void relativePositions() {
        for (DType type : new DType[] {DType.F32, DType.BF16}) {
            for (int size : new int[] {1, 7, 64}) {
                WeightTensor table = weights.random(type, 3, 2 * 131 - 1, size);
                for (boolean withKeys : new boolean[] {false, true}) {
                    relative = new Relative(table, 131, withKeys);
                    for (int[] lengths : new int[][] {{1}, {17}, {131}, {7, 40, 1}, {3, 130}, {3, 1, 2, 11, 5}}) {
                        attend(lengths, 2, size, null, null);
                        attend(lengths, 2, size, keyMask(lengths, key -> key > 4 ? LOWEST : 0), null);
                    }
                }
            }
        }
    }

    @Test
    void relativePositionsAreThoseOfTheDefinition() {
        // One head of size 1, all queries 1, keys 2, table 0, 1, 2 …: score = 2 + row (+ 2 * row), value = the key.
        float[] rows = new float[9];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i;
        }
        for (boolean withKeys : new boolean[] {false, true}) {
            WeightTensor table = WeightTensor.of("table", rows, 9, 1);
            AttentionSpec spec = new AttentionSpec(1, 1, new int[] {0, 3}, AttentionMask.none(1), null)
                    .withRelative(new Relative(table, 5, withKeys).on(widths.reference()));
            float[] probabilities = new float[9];
            try (var session = widths.reference().open(3)) {
                session.attention(session.upload(new float[] {1, 1, 1}, 3, 1),
                        session.upload(new float[] {2, 2, 2}, 3, 1), session.upload(new float[3], 3, 1), spec,
                        probabilities);
            }
            for (int query = 0; query < 3; query++) {
                double sum = 0;
                for (int key = 0; key < 3; key++) {
                    sum += Math.exp((query - key + 4) * (withKeys ? 3 : 1));
                }
                for (int key = 0; key < 3; key++) {
                    assertEquals(Math.exp((query - key + 4) * (withKeys ? 3 : 1)) / sum,
                            probabilities[query * 3 + key], 1e-6);
                }
            }
        }
    }

    @Test
    void hugeScoresInfinitiesAndNaNs() {
        float[] odd = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, -3e38f, 1e19f,
                Float.MIN_VALUE, -0f};
        for (float value : odd) {
            for (int[] lengths : new int[][] {{1}, {9}, {7, 20, 1}, {129, 4}}) {
                int tokens = Arrays.stream(lengths).sum();
                for (int which = 0; which < 3; which++) {
                    float[][] qkv = new float[3][];
                    for (int i = 0; i < 3; i++) {
                        qkv[i] = weights.floats(tokens * 6);
                    }
                    qkv[which][0] = value;
                    qkv[which][tokens * 6 - 4] = value;
                    attend(lengths, 2, 3, qkv, null, null);
                    attend(lengths, 2, 3, qkv, keyMask(lengths, key -> key > 3 ? LOWEST : 0), null);
                    attend(lengths, 2, 3, qkv, Collections.nCopies(lengths.length, AttentionMask.CAUSAL), null);
                }
            }
        }
        float[][] huge = {weights.floats(9 * 6), weights.floats(9 * 6), weights.floats(9 * 6)};
        for (float[] values : huge) {
            for (int i = 0; i < values.length; i++) {
                values[i] *= 1e19f;
            }
        }
        attend(new int[] {9}, 2, 3, huge, null, null);
    }

    @Test
    void theReferenceSoftmaxIsThatOfTheMathematics() {
        int length = 200;
        int size = 5;
        float[] q = weights.floats(length * size);
        float[] k = weights.floats(length * size);
        float[] v = weights.floats(length * size);
        float[] probabilities = new float[length * length];
        float[] y;
        AttentionSpec spec = new AttentionSpec(1, size, new int[] {0, length}, AttentionMask.none(1), null);
        try (var session = widths.reference().open(length)) {
            y = session.download(session.attention(session.upload(q, length, size), session.upload(k, length, size),
                    session.upload(v, length, size), spec, probabilities));
        }
        for (int query = 0; query < length; query++) {
            double[] p = new double[length];
            double sum = 0;
            for (int key = 0; key < length; key++) {
                for (int d = 0; d < size; d++) {
                    p[key] += (double) q[query * size + d] * k[key * size + d];
                }
                p[key] = Math.exp(p[key] / Math.sqrt(size));
                sum += p[key];
            }
            for (int d = 0; d < size; d++) {
                double c = 0;
                for (int key = 0; key < length; key++) {
                    c += p[key] / sum * v[key * size + d];
                }
                assertEquals(c, y[query * size + d], 2e-6);
            }
            for (int key = 0; key < length; key++) {
                assertEquals(p[key] / sum, probabilities[query * length + key], 1e-6);
            }
        }
    }

    private static List<AttentionMask> masks(float[][] additive, boolean perQuery) {
        return Arrays.stream(additive)
                .map(values -> new AttentionMask(values, perQuery && values != null, false)).toList();
    }

    private static List<AttentionMask> keyMask(int[] lengths, IntFunction<Float> value) {
        float[][] additive = new float[lengths.length][];
        for (int text = 0; text < lengths.length; text++) {
            additive[text] = new float[lengths[text]];
            for (int key = 0; key < lengths[text]; key++) {
                additive[text][key] = value.apply(key);
            }
        }
        return masks(additive, false);
    }

    @FunctionalInterface
    private interface ByQueryAndKey {
        float apply(int query, int key);
    }

    /** The last of several texts is left without a mask. */
    private static List<AttentionMask> queryMask(int[] lengths, ByQueryAndKey value) {
        float[][] additive = new float[lengths.length][];
        for (int text = 0; text < Math.max(1, lengths.length - 1); text++) {
            int length = lengths[text];
            additive[text] = new float[length * length];
            for (int i = 0; i < length * length; i++) {
                additive[text][i] = value.apply(i / length, i % length);
            }
        }
        return masks(additive, true);
    }

    private void attend(int[] lengths, int heads, int size, List<AttentionMask> mask, float[] headMask) {
        int count = Arrays.stream(lengths).sum() * heads * size;
        int keys = keyLengths == null ? count : Arrays.stream(keyLengths).sum() * heads * size;
        attend(lengths, heads, size, new float[][] {weights.floats(count), weights.floats(keys),
            weights.floats(keys)}, mask, headMask);
    }

    private static int[] starts(int[] lengths) {
        int[] starts = new int[lengths.length + 1];
        for (int text = 0; text < lengths.length; text++) {
            starts[text + 1] = starts[text] + lengths[text];
        }
        return starts;
    }

    /** Compares the context, and the probabilities where they are asked for. */
    private float[] attend(int[] lengths, int heads, int size, float[][] qkv, List<AttentionMask> mask,
            float[] headMask) {
        int[] starts = starts(lengths);
        int[] keyStarts = keyLengths == null ? starts : starts(keyLengths);
        int tokens = starts[lengths.length];
        int keys = keyStarts[lengths.length];
        AttentionSpec plain = new AttentionSpec(heads, size, starts, keyStarts,
                mask != null ? mask : AttentionMask.none(lengths.length), headMask, null, true);
        String what = "attention of " + Arrays.toString(lengths) + ", " + heads + " heads of " + size;
        return widths.compare(what, tokens, (backend, session) -> {
            AttentionSpec spec = relative == null ? plain : plain.withRelative(relative.on(backend));
            float[] probabilities = new float[spec.probabilitiesStart(lengths.length)];
            try (Activation q = session.upload(qkv[0], tokens, heads * size);
                    Activation k = session.upload(qkv[1], keys, heads * size);
                    Activation v = session.upload(qkv[2], keys, heads * size);
                    Activation with = session.attention(q, k, v, spec, probabilities);
                    Activation without = session.attention(q, k, v, spec, null)) {
                float[] context = session.download(with);
                Widths.assertSameBits(context, session.download(without), what + " without probabilities");
                float[] all = Arrays.copyOf(context, context.length + probabilities.length);
                System.arraycopy(probabilities, 0, all, context.length, probabilities.length);
                return all;
            }
        });
    }
}
