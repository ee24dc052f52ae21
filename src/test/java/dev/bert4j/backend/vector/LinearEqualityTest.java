package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.Backend;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.NormWeights;
import dev.bert4j.backend.Weights;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Products give the bits of the reference, whatever the tails of their loops: tokens that do not fill a panel, rows
 * that are no multiple of a tile, depths beyond a block of 768, weights of every type.
 */
class LinearEqualityTest {
    private static final int[] TOKENS = {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65, 130};
    private static final int[] DEPTHS = {1, 3, 7, 16, 17, 60, 100, 768, 800, 1537};
    private static final int[] OUTPUTS = {1, 5, 6, 7, 11, 12, 13, 97, 100};

    @TempDir
    Path folder;
    private Weights weights;
    private Widths widths;

    @BeforeEach
    void open() {
        weights = new Weights(folder, 1);
        widths = new Widths(1, 2, 3);
    }

    @AfterEach
    void close() {
        widths.close();
        weights.close();
    }

    @Test
    void everyNumberOfTokensWithEveryNumberOfOutputs() {
        for (int out : OUTPUTS) {
            WeightTensor w = weights.random(out, 17);
            WeightTensor b = weights.random(out);
            for (int tokens : TOKENS) {
                linear(tokens, 17, out, w, b, ActivationFunction.LINEAR);
            }
        }
    }

    @Test
    void everyDepth() {
        for (int depth : DEPTHS) {
            for (int tokens : new int[] {3, 17, 33}) {
                linear(tokens, depth, 13, weights.random(13, depth), weights.random(13), ActivationFunction.LINEAR);
            }
        }
    }

    @Test
    void everyTypeOfWeight() {
        for (int depth : new int[] {7, 800}) {
            for (DType type : new DType[] {DType.F16, DType.BF16, DType.F64}) {
                for (int tokens : new int[] {2, 9, 16, 40, 64, 65, 130}) {
                    linear(tokens, depth, 100, weights.random(type, 1, 100, depth), weights.random(type, 0, 100),
                            ActivationFunction.LINEAR);
                }
            }
            linear(9, depth, 100, weights.unaligned(100, depth), weights.unaligned(100), ActivationFunction.LINEAR);
        }
    }

    /** Up to beyond two of the slices of columns in which rows are widened. */
    @Test
    void int8WithAndWithoutScalesOfColumns() {
        for (int depth : new int[] {1, 7, 60, 767, 768, 800, 1537}) {
            for (boolean ofColumns : new boolean[] {false, true}) {
                WeightTensor w = weights.int8(100, depth, ofColumns);
                for (int tokens : new int[] {2, 8, 9, 16, 17, 40, 130}) {
                    linear(tokens, depth, 100, w, null, ActivationFunction.LINEAR);
                }
            }
        }
    }

    /** Stored rows are copied some at a time, 32 KB together, and those that are longer in parts. */
    @Test
    void manyRowsAndLongOnes() {
        for (DType type : new DType[] {DType.F16, DType.BF16}) {
            for (int[] size : new int[][] {{900, 100}, {16_384, 3}, {16_385, 3}, {33_000, 2}}) {
                linear(2, size[0], size[1], weights.random(type, 1, size[1], size[0]), null, ActivationFunction.LINEAR);
            }
        }
        for (int depth : new int[] {16_384, 33_000}) {
            linear(2, depth, 3, weights.int8(3, depth, true), null, ActivationFunction.LINEAR);
        }
    }

    @Test
    void everyFunctionWithAndWithoutBias() {
        WeightTensor w = weights.random(29, 60);
        WeightTensor b = weights.random(29);
        for (ActivationFunction f : ActivationFunction.values()) {
            for (int tokens : new int[] {1, 7, 20, 35}) {
                linear(tokens, 60, 29, w, b, f);
                linear(tokens, 60, 29, w, null, f);
            }
        }
    }

    @Test
    void aSumThatCancelsKeepsTheSignOfZero() {
        WeightTensor w = WeightTensor.of("w", new float[] {1, 1, -1, -1, 0, 0}, 3, 2);
        WeightTensor b = WeightTensor.of("b", new float[] {-0f, -0f, -0f}, 3);
        for (ActivationFunction f : ActivationFunction.values()) {
            widths.compare(f.toString(), 2, (backend, session) -> {
                try (Activation x = session.upload(new float[] {1, -1, -0f, -0f}, 2, 2);
                        Activation y = session.linear(x, of(backend, w, b, 2, 3), f)) {
                    return session.download(y);
                }
            });
        }
    }

    @Test
    void infinitiesAndNaNsStayWhatTheyAre() {
        WeightTensor w = weights.random(13, 17);
        WeightTensor b = weights.random(13);
        for (ActivationFunction f : ActivationFunction.values()) {
            float[] x = weights.floats(35 * 17);
            float[] odd = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, 1e38f, -1e38f,
                    Float.MIN_VALUE, -Float.MIN_NORMAL};
            for (int i = 0; i < x.length; i += 11) {
                x[i] = odd[i / 11 % odd.length];
            }
            linear(x, 35, 17, 13, w, b, f);
            float[] huge = weights.floats(9 * 17);
            for (int i = 0; i < huge.length; i++) {
                huge[i] *= 1e38f;
            }
            linear(huge, 9, 17, 13, w, b, f);
        }
    }

    @Test
    void withResidualAndNormalisation() {
        for (int[] size : new int[][] {{1, 1, 1}, {3, 7, 17}, {9, 800, 60}, {17, 100, 97}, {33, 60, 16}, {65, 17, 7}}) {
            int tokens = size[0];
            int in = size[1];
            int out = size[2];
            WeightTensor w = weights.random(out, in);
            WeightTensor b = weights.random(out);
            WeightTensor scale = weights.random(DType.F16, 0, out);
            WeightTensor shift = weights.unaligned(out);
            float[] x = weights.floats(tokens * in);
            float[] residual = weights.floats(tokens * out);
            widths.compare("linearAddNorm " + tokens + " x " + in + " to " + out, tokens, (backend, session) -> {
                NormWeights norm = new NormWeights(backend.parameter(scale), backend.parameter(shift), 1e-12f);
                try (Activation a = session.upload(x, tokens, in); Activation r = session.upload(residual, tokens, out);
                        Activation y = session.linearAddNorm(a, of(backend, w, b, in, out), r, norm)) {
                    return session.download(y);
                }
            });
        }
    }

    /** In chunks, of 128 tokens for each thread at most, where there are more tokens. */
    @Test
    void feedForwardInChunks() {
        for (int[] size : new int[][] {{1, 7, 5}, {128, 20, 33}, {129, 20, 33}, {257, 60, 97}, {390, 17, 100}}) {
            int tokens = size[0];
            int features = size[1];
            int wide = size[2];
            WeightTensor in = weights.random(wide, features);
            WeightTensor out = weights.random(DType.BF16, 1, features, wide);
            WeightTensor b = weights.random(wide);
            WeightTensor c = weights.random(features);
            float[] x = weights.floats(tokens * features);
            widths.compare("feedForward " + tokens + " x " + features + " to " + wide, tokens, (backend, session) -> {
                NormWeights norm = new NormWeights(backend.parameter(c), backend.parameter(c), 1e-12f);
                try (Activation a = session.upload(x, tokens, features);
                        Activation y = session.feedForward(a, of(backend, in, b, features, wide),
                                ActivationFunction.GELU, of(backend, out, c, wide, features), norm)) {
                    return session.download(y);
                }
            });
        }
    }

    @Test
    void theReferenceIsTheChainOfTheDefinition() {
        int in = 800;
        WeightTensor w = weights.random(5, in);
        WeightTensor b = weights.random(5);
        float[] x = weights.floats(3 * in);
        float[] y;
        try (var session = widths.reference().open(3)) {
            y = session.download(session.linear(session.upload(x, 3, in), of(widths.reference(), w, b, in, 5),
                    ActivationFunction.LINEAR));
        }
        for (int token = 0; token < 3; token++) {
            for (int n = 0; n < 5; n++) {
                float sum = 0;
                for (int k = 0; k < in; k++) {
                    sum = Math.fma(w.get((long) n * in + k), x[token * in + k], sum);
                }
                assertEquals(sum + b.get(n), y[token * 5 + n]);
            }
        }
    }

    private void linear(int tokens, int in, int out, WeightTensor w, WeightTensor b, ActivationFunction f) {
        linear(weights.floats(tokens * in), tokens, in, out, w, b, f);
    }

    private void linear(float[] x, int tokens, int in, int out, WeightTensor w, WeightTensor b, ActivationFunction f) {
        widths.compare(f + " of " + tokens + " x " + in + " to " + out + " by " + w, tokens, (backend, session) -> {
            try (Activation a = session.upload(x, tokens, in);
                    Activation y = session.linear(a, of(backend, w, b, in, out), f)) {
                return session.download(y);
            }
        });
    }

    private static LinearWeights of(Backend backend, WeightTensor w, WeightTensor b, int in, int out) {
        return new LinearWeights(backend.parameter(w), b == null ? null : backend.parameter(b), in, out);
    }
}
