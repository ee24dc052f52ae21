package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.RelativePositions;
import dev.bert4j.backend.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attention of some of the queries gives these the bits that they have among all, on every backend and width. */
class SomeQueriesTest {
    private static final int[][] BATCHES = {{1}, {17}, {3, 1, 2, 11, 5}, {16, 16}, {7, 40, 1}, {5, 130, 257, 2}};
    private static final int HEADS = 2;

    @TempDir
    Path folder;
    private final Random random = new Random(5);

    @Test
    void haveTheirBits() {
        try (Weights weights = new Weights(folder, 3); Widths widths = new Widths(1, 3)) {
            for (int[] lengths : BATCHES) {
                int[] starts = new int[lengths.length + 1];
                for (int text = 0; text < lengths.length; text++) {
                    starts[text + 1] = starts[text] + lengths[text];
                }
                int tokens = starts[lengths.length];
                int[] first = Arrays.copyOf(starts, lengths.length);
                int[] last = Arrays.stream(starts).skip(1).map(end -> end - 1).toArray();
                int[] some = IntStream.range(0, tokens).filter(token -> random.nextInt(3) == 0).toArray();
                for (int[] queries : List.of(first, last, some, new int[] {tokens - 1})) {
                    for (int size : new int[] {7, 64}) {
                        compare(weights, widths, new AttentionSpec(HEADS, size, starts,
                                AttentionMask.none(lengths.length), null), queries);
                        compare(weights, widths, new AttentionSpec(HEADS, size, starts, masks(lengths),
                                new float[] {0.5f, -2}), queries);
                    }
                }
            }
        }
    }

    /** A mask of keys, one of queries and keys, and none, in turns. */
    private List<AttentionMask> masks(int[] lengths) {
        List<AttentionMask> masks = new ArrayList<>();
        for (int text = 0; text < lengths.length; text++) {
            boolean perQuery = text % 3 == 1;
            float[] additive = new float[perQuery ? lengths[text] * lengths[text] : lengths[text]];
            for (int i = 0; i < additive.length; i++) {
                additive[i] = random.nextInt(3) == 0 ? -Float.MAX_VALUE : random.nextInt(2);
            }
            masks.add(text % 3 == 2 ? AttentionMask.NONE : new AttentionMask(additive, perQuery, false));
        }
        return masks;
    }

    private static void compare(Weights weights, Widths widths, AttentionSpec spec, int[] queries) {
        int tokens = spec.starts()[spec.texts()];
        int features = spec.heads() * spec.headSize();
        float[] qs = weights.floats(tokens * features);
        float[] ks = weights.floats(tokens * features);
        float[] vs = weights.floats(tokens * features);
        String what = Arrays.toString(queries) + " of " + Arrays.toString(spec.starts());
        widths.compare(what, tokens, (backend, session) -> {
            if (queries.length == 0) {
                return new float[0];
            }
            try (Activation q = session.upload(qs, tokens, features);
                    Activation k = session.upload(ks, tokens, features);
                    Activation v = session.upload(vs, tokens, features);
                    Activation all = session.attention(q, k, v, spec, null);
                    Activation expected = session.gather(all, queries);
                    Activation some = session.gather(q, queries);
                    Activation actual = session.attention(some, k, v, spec.ofQueries(queries), null)) {
                float[] values = session.download(actual);
                Widths.assertSameBits(session.download(expected), values, what + " on " + backend.description());
                return values;
            }
        });
    }

    @Test
    void whatAsksWhereAQueryStandsIsForAll() {
        AttentionSpec plain = new AttentionSpec(1, 3, new int[] {0, 4}, AttentionMask.none(1), null);
        AttentionSpec causal = new AttentionSpec(1, 3, new int[] {0, 4}, List.of(AttentionMask.CAUSAL), null);
        assertThrows(IllegalStateException.class, () -> causal.ofQueries(new int[] {1}));
        AttentionSpec relative = plain.withRelative(new RelativePositions(null, 4, false));
        assertThrows(IllegalStateException.class, () -> relative.ofQueries(new int[] {1}));
    }
}
