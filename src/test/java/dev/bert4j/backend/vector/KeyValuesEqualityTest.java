package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.KeyValues;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.Weights;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Keys and values that are kept and appended to in calls of any size give the bits of keys and values of one call, at
 * every width and on the reference, around chunks of 32 tokens and blocks of 128.
 */
class KeyValuesEqualityTest {
    private static final int HEADS = 2;
    private static final int[][] CALLS = {{1, 1, 1}, {5, 1, 3, 1}, {32, 1}, {31, 2}, {33, 31}, {127, 1, 1, 1},
        {60, 70, 1}, {1, 200}, {130, 1}};

    @TempDir
    Path folder;
    private Weights weights;
    private Widths widths;

    @BeforeEach
    void open() {
        weights = new Weights(folder, 5);
        widths = new Widths(1, 2);
    }

    @AfterEach
    void close() {
        widths.close();
        weights.close();
    }

    @Test
    void keptKeysAnswerAsThoseOfOneCall() {
        for (int[] calls : CALLS) {
            for (int size : new int[] {1, 7, 16}) {
                calls(calls, size, null);
            }
        }
    }

    @Test
    void withRelativePositions() {
        for (int size : new int[] {1, 7}) {
            WeightTensor table = weights.random(DType.F32, 3, 2 * 210 - 1, size);
            for (int[] calls : CALLS) {
                calls(calls, size, new Relative(table, 210, false));
                calls(calls, size, new Relative(table, 210, true));
            }
        }
    }

    /** Two texts side by side, the second of which begins one call later and so is shorter. */
    private void calls(int[] lengths, int size, Relative relative) {
        int features = HEADS * size;
        int total = Arrays.stream(lengths).sum();
        float[][] k = {weights.floats(total * features), weights.floats(total * features)};
        float[][] v = {weights.floats(total * features), weights.floats(total * features)};
        float[][] q = {weights.floats(total * features), weights.floats(total * features)};
        String what = Arrays.toString(lengths) + " of " + size;
        List<float[]> expected = new ArrayList<>();
        widths.compare(what, Arrays.stream(lengths).max().orElseThrow() * 2, (backend, session) -> {
            List<float[]> results = new ArrayList<>();
            List<KeyValues> kept = Collections.nCopies(2, null);
            int[] past = {0, 0};
            for (int call = 0; call < lengths.length; call++) {
                int[] starts = call == 0 ? new int[] {0, lengths[0], lengths[0]}
                        : new int[] {0, lengths[call], 2 * lengths[call]};
                int[] from = {past[0], past[1]};
                int[] counts = {starts[1], starts[2] - starts[1]};
                int[] keyStarts = {0, past[0] + counts[0], past[0] + counts[0] + past[1] + counts[1]};
                AttentionSpec spec = new AttentionSpec(HEADS, size, starts, keyStarts,
                        Collections.nCopies(2, AttentionMask.CAUSAL), null,
                        relative == null ? null : relative.on(backend), false);
                try (Activation kx = upload(session, k, from, counts, features);
                        Activation vx = upload(session, v, from, counts, features);
                        Activation qx = upload(session, q, from, counts, features)) {
                    kept = session.append(kept, kx, vx, starts);
                    results.add(attend(session, qx, kept, spec));
                }
                try (Activation qx = upload(session, q, from, counts, features);
                        Activation kx = upload(session, k, new int[2], new int[] {keyStarts[1],
                            keyStarts[2] - keyStarts[1]}, features);
                        Activation vx = upload(session, v, new int[2], new int[] {keyStarts[1],
                            keyStarts[2] - keyStarts[1]}, features)) {
                    float[] probabilities = new float[spec.probabilitiesStart(2)];
                    try (Activation y = session.attention(qx, kx, vx, spec, probabilities)) {
                        float[] all = joined(session.download(y), probabilities);
                        Widths.assertSameBits(all, results.getLast(), what + ", call " + call + " on "
                                + backend.description());
                    }
                }
                past[0] += counts[0];
                past[1] += counts[1];
            }
            assertEquals(total, kept.get(0).length());
            assertArrayEquals(k[0], kept.get(0).keys());
            assertArrayEquals(v[0], kept.get(0).values());
            assertArrayEquals(Arrays.copyOf(k[1], past[1] * features), kept.get(1).keys());
            float[] all = results.stream().reduce(new float[0], KeyValuesEqualityTest::joined);
            expected.add(all);
            return all;
        });
        assertEquals(widths.backends(), expected.size());
    }

    private static float[] attend(Session session, Activation q, List<KeyValues> kept, AttentionSpec spec) {
        float[] probabilities = new float[spec.probabilitiesStart(spec.texts())];
        try (Activation y = session.attention(q, kept, spec, probabilities)) {
            return joined(session.download(y), probabilities);
        }
    }

    private static Activation upload(Session session, float[][] texts, int[] from, int[] counts, int features) {
        float[] rows = joined(Arrays.copyOfRange(texts[0], from[0] * features, (from[0] + counts[0]) * features),
                Arrays.copyOfRange(texts[1], from[1] * features, (from[1] + counts[1]) * features));
        return session.upload(rows, counts[0] + counts[1], features);
    }

    private static float[] joined(float[] a, float[] b) {
        float[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    @Test
    void whoGoesOnFromTheSameBeginningDoesNotDisturbTheOther() {
        int features = 6;
        for (int begin : new int[] {1, 5, 31, 32, 40}) {
            float[] start = weights.floats(begin * features);
            float[][] ends = {weights.floats(3 * features), weights.floats(3 * features)};
            widths.compare("branches behind " + begin, 3, (backend, session) -> {
                KeyValues common = append(session, null, start, features);
                KeyValues one = append(session, common, ends[0], features);
                KeyValues other = append(session, common, ends[1], features);
                KeyValues further = append(session, one, ends[1], features);
                assertArrayEquals(start, common.keys());
                assertArrayEquals(joined(start, ends[0]), one.keys());
                assertArrayEquals(joined(start, ends[1]), other.keys());
                assertArrayEquals(joined(joined(start, ends[0]), ends[1]), further.keys());
                assertArrayEquals(joined(start, ends[1]), other.values());
                return further.values();
            });
        }
    }

    private static KeyValues append(Session session, KeyValues past, float[] rows, int features) {
        int tokens = rows.length / features;
        try (Activation x = session.upload(rows, tokens, features)) {
            return session.append(past == null ? null : List.of(past), x, x, new int[] {0, tokens}).getFirst();
        }
    }
}
