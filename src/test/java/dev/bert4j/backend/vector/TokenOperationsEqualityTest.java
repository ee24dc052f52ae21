package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Backend;
import dev.bert4j.backend.EmbeddingInput;
import dev.bert4j.backend.EmbeddingTables;
import dev.bert4j.backend.NormWeights;
import dev.bert4j.backend.Weights;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What works on each token alone, lookups, normalisation, copies, gives the bits of the reference. */
class TokenOperationsEqualityTest {
    private static final int[] TOKENS = {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65, 130};
    private static final int[] FEATURES = {1, 3, 7, 15, 16, 17, 33, 60, 100, 768, 1537};

    @TempDir
    Path folder;
    private Weights weights;
    private Widths widths;

    @BeforeEach
    void open() {
        weights = new Weights(folder, 2);
        widths = new Widths(1, 2, 3);
    }

    @AfterEach
    void close() {
        widths.close();
        weights.close();
    }

    @Test
    void embeddingsOfEveryTypeOfTable() {
        for (int tokens : TOKENS) {
            embed(tokens, 17, weights.random(23, 17), weights.unaligned(2, 17), weights.random(150, 17));
        }
        for (int features : FEATURES) {
            embed(9, features, weights.random(DType.F16, 1, 23, features), weights.random(DType.BF16, 0, 2, features),
                    weights.random(DType.F64, 3, 150, features));
        }
    }

    @Test
    void embeddingsWithoutPositions() {
        for (int tokens : new int[] {1, 9, 33}) {
            embed(tokens, 17, weights.random(23, 17), weights.random(2, 17), null);
        }
    }

    private void embed(int tokens, int features, WeightTensor word, WeightTensor type, WeightTensor position) {
        int[] words = new int[tokens];
        int[] types = new int[tokens];
        int[] positions = new int[tokens];
        for (int t = 0; t < tokens; t++) {
            words[t] = weights.below(23);
            types[t] = weights.below(2);
            positions[t] = position == null ? 0 : weights.below(150);
        }
        embed("ids", new EmbeddingInput(words, null, types, positions), features, word, type, position);
        float[] vectors = weights.floats(tokens * features);
        vectors[0] = -0f;
        embed("vectors", new EmbeddingInput(null, vectors, types, positions), features, word, type, position);
    }

    private void embed(String what, EmbeddingInput input, int features, WeightTensor word, WeightTensor type,
            WeightTensor position) {
        widths.compare("embed " + what + " " + input.tokens() + " x " + features, input.tokens(), (backend,
                session) -> {
            EmbeddingTables tables = new EmbeddingTables(backend.parameter(word), backend.parameter(type),
                    position == null ? null : backend.parameter(position), features);
            try (Activation y = session.embed(tables, input)) {
                return session.download(y);
            }
        });
    }

    @Test
    void layerNorm() {
        for (int features : FEATURES) {
            WeightTensor scale = weights.random(features);
            WeightTensor shift = weights.random(DType.F64, 0, features);
            for (int tokens : features < 768 ? TOKENS : new int[] {1, 17, 33}) {
                layerNorm(weights.floats(tokens * features), tokens, features, scale, shift, 1e-12f);
            }
        }
    }

    @Test
    void layerNormOfExtremes() {
        WeightTensor scale = weights.random(17);
        WeightTensor shift = weights.random(17);
        float[] odd = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, -3e38f, 1e20f,
                Float.MIN_VALUE, -0f};
        for (float value : odd) {
            for (int tokens : new int[] {1, 9, 33}) {
                float[] x = weights.floats(tokens * 17);
                x[0] = value;
                x[x.length - 1] = value;
                layerNorm(x, tokens, 17, scale, shift, 1e-5f);
            }
        }
        // A variance of 0, with and without an epsilon beside it.
        layerNorm(new float[9 * 17], 9, 17, scale, shift, 1e-12f);
        layerNorm(new float[9 * 17], 9, 17, scale, shift, 0);
    }

    private void layerNorm(float[] x, int tokens, int features, WeightTensor scale, WeightTensor shift, float eps) {
        widths.compare("layerNorm " + tokens + " x " + features, tokens,
                (backend, session) -> {
                    try (Activation a = session.upload(x, tokens, features);
                            Activation y = session.layerNorm(a, norm(backend, scale, shift, eps))) {
                        return session.download(y);
                    }
                });
    }

    private static NormWeights norm(Backend backend, WeightTensor scale, WeightTensor shift, float eps) {
        return new NormWeights(backend.parameter(scale), backend.parameter(shift), eps);
    }

    @Test
    void theReferenceNormalisesByTheSixteenChainsOfTheDefinition() {
        int n = 60;
        WeightTensor scale = weights.random(n);
        WeightTensor shift = weights.random(n);
        float[] x = weights.floats(n);
        float[] y;
        try (var session = widths.reference().open(1)) {
            y = session.download(session.layerNorm(session.upload(x, 1, n),
                    norm(widths.reference(), scale, shift, 1e-5f)));
        }
        float[] sum = new float[16];
        for (int i = 0; i < n; i++) {
            sum[i % 16] += x[i];
        }
        float mean = tree(sum) / n;
        float[] squares = new float[16];
        for (int i = 0; i < n; i++) {
            squares[i % 16] = Math.fma(x[i] - mean, x[i] - mean, squares[i % 16]);
        }
        float r = 1 / (float) Math.sqrt(tree(squares) / n + 1e-5f);
        for (int i = 0; i < n; i++) {
            assertEquals(Math.fma((x[i] - mean) * r, scale.get(i), shift.get(i)), y[i]);
        }
    }

    private static float tree(float[] c) {
        float[] d = new float[8];
        for (int i = 0; i < 8; i++) {
            d[i] = c[i] + c[i + 8];
        }
        return ((d[0] + d[4]) + (d[2] + d[6])) + ((d[1] + d[5]) + (d[3] + d[7]));
    }

    @Test
    void uploadGatherAndDownloadMoveValuesUnchanged() {
        for (int tokens : TOKENS) {
            float[] x = weights.floats(tokens * 7);
            x[0] = Float.NEGATIVE_INFINITY;
            x[x.length - 1] = -0f;
            widths.compare("upload " + tokens, tokens, (backend, session) -> {
                try (Activation a = session.upload(x, tokens, 7)) {
                    assertTrue(a.tokens() == tokens && a.features() == 7);
                    float[] back = session.download(a);
                    Widths.assertSameBits(x, back, "upload and download");
                    return back;
                }
            });
            int[] picked = new int[tokens + 3];
            for (int i = 0; i < picked.length; i++) {
                picked[i] = weights.below(tokens);
            }
            widths.compare("gather of " + tokens, tokens, (backend, session) -> {
                try (Activation a = session.upload(x, tokens, 7); Activation y = session.gather(a, picked)) {
                    float[] rows = session.download(y);
                    for (int i = 0; i < picked.length; i++) {
                        assertEquals(x[picked[i] * 7 + 3], rows[i * 7 + 3]);
                    }
                    return rows;
                }
            });
        }
    }
}
