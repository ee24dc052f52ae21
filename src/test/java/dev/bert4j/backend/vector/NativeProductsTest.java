package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.Backend;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.NativeCpu;
import dev.bert4j.backend.NormWeights;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.Weights;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.backend.reference.ScalarActivation;
import dev.bert4j.backend.vector.NativeRows.Precision;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Products of weights as they are stored, in C. Those of bytes have the bits that their definition in bert4j.h gives,
 * computed here in plain Java; those of bf16 are near the exact ones and the same for a token in any company. What is
 * exact is compared with the other backends in {@link LinearEqualityTest}.
 */
class NativeProductsTest {
    private static final int[] TOKENS = {1, 3, 8, 9, 16, 17, 33, 70};
    private static final int[][] SHAPES = {{1, 1}, {5, 3}, {13, 17}, {97, 60}, {100, 131}, {30, 768}, {250, 800}};

    @TempDir
    Path folder;
    private final Random random = new Random(9);
    private Weights weights;
    private int made;

    @BeforeEach
    void open() {
        NativeCpu.require();
        weights = new Weights(folder, 9);
    }

    @AfterEach
    void close() {
        if (weights != null) {
            weights.close();
        }
    }

    /** Every other matrix has scales of columns, too. */
    private WeightTensor bytes(int rows, int depth) {
        made++;
        return weights.int8(rows, depth, made % 2 == 0);
    }

    private float[] inputs(int tokens, int depth) {
        float[] x = new float[tokens * depth];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian() * (random.nextInt(50) == 0 ? 20 : 1);
        }
        return x;
    }

    private static float[] linear(Backend backend, float[] x, int tokens, WeightTensor w) {
        return linear(backend, x, tokens, w, ActivationFunction.LINEAR);
    }

    private static float[] linear(Backend backend, float[] x, int tokens, WeightTensor w, ActivationFunction f) {
        int in = (int) w.size(1);
        int out = (int) w.size(0);
        try (Session session = backend.open(tokens); Activation a = session.upload(x, tokens, in);
                Activation y = session.linear(a, new LinearWeights(backend.parameter(w), null, in, out),
                        f)) {
            return session.download(y);
        }
    }

    /** With as many bytes for an activation as there are digits: the sum of the products of each. */
    private static float[] definition(float[] inputs, int tokens, WeightTensor w, int digits) {
        float[] x = inputs.clone();
        for (int i = 0; w.columnScales() != null && i < x.length; i++) {
            x[i] *= w.columnScales().get(i % w.size(1));
        }
        float[] rest = new float[x.length];
        float[] y = definition(x, tokens, w, rest);
        if (digits > 1) {
            float[] more = definition(rest, tokens, w, new float[x.length]);
            for (int i = 0; i < y.length; i++) {
                y[i] += more[i];
            }
        }
        return y;
    }

    /** The definition, one operation of fp32 after the other. */
    private static float[] definition(float[] x, int tokens, WeightTensor w, float[] rest) {
        int depth = (int) w.size(1);
        int rows = (int) w.size(0);
        float[] y = new float[tokens * rows];
        for (int token = 0; token < tokens; token++) {
            float greatest = 0;
            for (int k = 0; k < depth; k++) {
                greatest = Math.max(greatest, Math.abs(x[token * depth + k]));
            }
            boolean finite = Float.isFinite(greatest);
            boolean some = finite && greatest >= 0x1p-100f;
            float scale = !finite ? Float.NaN : some ? greatest / 127 : 0;
            float inverse = some ? 127 / greatest : 0;
            for (int k = 0; k < depth; k++) {
                float value = x[token * depth + k];
                rest[token * depth + k] = Math.fma((float) -Math.rint(value * inverse), greatest / 127, value);
            }
            for (int n = 0; n < rows; n++) {
                int sum = 0;
                for (int k = 0; some && k < depth; k++) {
                    int q = (int) Math.rint(x[token * depth + k] * inverse);
                    sum += q * w.data().get(ValueLayout.JAVA_BYTE, (long) n * depth + k);
                }
                y[token * rows + n] = sum * (scale * w.scales().get(n));
            }
        }
        return y;
    }

    @Test
    void bytesHaveTheBitsOfTheirDefinition() throws Exception {
        for (int bits : new int[] {256, 512}) {
            for (int threads = 1; threads <= 3; threads++) {
                for (int digits = 1; digits <= 2; digits++) {
                    bytesHaveTheBitsOfTheirDefinition(bits, threads, digits);
                }
            }
        }
    }

    private void bytesHaveTheBitsOfTheirDefinition(int bits, int threads, int digits) throws Exception {
        try (Backend backend = VectorBackend.withNativeKernels(threads, bits,
                digits == 1 ? Precision.INT8 : Precision.INT8X2, NativeKernels.get())) {
            for (int[] shape : SHAPES) {
                WeightTensor w = bytes(shape[0], shape[1]);
                for (int tokens : TOKENS) {
                    float[] x = inputs(tokens, shape[1]);
                    Widths.assertSameBits(definition(x, tokens, w, digits), linear(backend, x, tokens, w),
                            tokens + " tokens by " + w + ", " + digits + " bytes");
                }
            }
        }
    }

    /** GELU behind products of bytes, in the order of bert4j.h; behind all others it is the exact one. */
    @Test
    void geluBehindBytesIsTheShortOne() throws Exception {
        for (int bits : new int[] {256, 512}) {
            try (Backend bytes = VectorBackend.withNativeKernels(2, bits, Precision.INT8, NativeKernels.get());
                    Backend twoBytes = VectorBackend.withNativeKernels(2, bits, Precision.INT8X2,
                            NativeKernels.get())) {
                WeightTensor w = bytes(37, 60);
                for (int tokens : TOKENS) {
                    float[] x = inputs(tokens, 60);
                    float[] expected = definition(x, tokens, w, 1);
                    float[] exact = expected.clone();
                    for (int i = 0; i < expected.length; i++) {
                        expected[i] = shortGelu(exact[i]);
                        assertEquals(ScalarActivation.apply(ActivationFunction.GELU, exact[i]), expected[i],
                                7e-6 * (4.5 + Math.abs(exact[i])));
                    }
                    Widths.assertSameBits(expected, linear(bytes, x, tokens, w, ActivationFunction.GELU), "short");
                    float[] ofTwo = definition(x, tokens, w, 2);
                    for (int i = 0; i < ofTwo.length; i++) {
                        ofTwo[i] = ScalarActivation.apply(ActivationFunction.GELU, ofTwo[i]);
                    }
                    Widths.assertSameBits(ofTwo, linear(twoBytes, x, tokens, w, ActivationFunction.GELU), "exact");
                }
            }
        }
    }

    private static float shortGelu(float x) {
        float[] coefficients = {0.39888379f, -0.0663370565f, 0.009833185f, -0.00112267851f, 9.78713797e-05f,
            -6.36525738e-06f, 2.95889947e-07f, -9.19375243e-09f, 1.69730452e-10f, -1.4000681e-12f};
        float c = Math.clamp(x, -4.5f, 4.5f);
        float p = coefficients[9];
        for (int i = 8; i >= 0; i--) {
            p = Math.fma(p, c * c, coefficients[i]);
        }
        return x * Math.fma(c, p, 0.5f);
    }

    /** An activation of two bytes is off by half of a 254th of a 127th of the largest, and a little for fp32. */
    @Test
    void twoBytesAreNearlyExact() throws Exception {
        try (Backend backend = VectorBackend.withNativeKernels(2, "int8x2")) {
            assertEquals("nativecpu:int8x2", backend.name());
            for (int[] shape : SHAPES) {
                WeightTensor w = bytes(shape[0], shape[1]);
                int depth = shape[1];
                float[] x = inputs(17, depth);
                float[] y = linear(backend, x, 17, w);
                for (int i = 0; i < y.length; i++) {
                    double exact = 0;
                    double magnitudes = 0;
                    float greatest = 0;
                    for (int k = 0; k < depth; k++) {
                        double factor = w.columnScales() == null ? 1 : w.columnScales().get(k);
                        double weight = w.get((long) (i % shape[0]) * depth + k) / factor;
                        double value = x[i / shape[0] * depth + k] * factor;
                        exact += weight * value;
                        magnitudes += Math.abs(weight);
                        greatest = Math.max(greatest, (float) Math.abs(value));
                    }
                    double step = greatest / 127 / 254;
                    assertEquals(exact, y[i], magnitudes * (step / 2 * 1.01 + greatest * 0x1p-22) + 1e-30);
                }
            }
        }
    }

    @Test
    void aTokenThatIsNoNumberSaysSoAndDisturbsNobody() throws Exception {
        for (int digits = 1; digits <= 2; digits++) {
            aTokenThatIsNoNumberSaysSoAndDisturbsNobody(digits);
        }
    }

    private void aTokenThatIsNoNumberSaysSoAndDisturbsNobody(int digits) throws Exception {
        try (Backend backend = VectorBackend.withNativeKernels(1, digits == 1 ? "int8" : "int8x2")) {
            WeightTensor w = bytes(13, 60);
            float[] x = inputs(5, 60);
            x[60 + 7] = Float.NaN;
            x[2 * 60] = Float.NEGATIVE_INFINITY;
            for (int k = 0; k < 60; k++) {
                x[3 * 60 + k] = Float.MIN_VALUE;
            }
            float[] y = linear(backend, x, 5, w);
            Widths.assertSameBits(definition(x, 5, w, digits), y, "odd tokens");
            assertTrue(Float.isNaN(y[13]) && Float.isNaN(y[26]) && y[39] == 0 && Float.isFinite(y[0]));
        }
    }

    @Test
    void bf16IsNearAndTheSameInAnyCompany() throws Exception {
        assumeTrue(NativeKernels.get().hasBf16(), "this processor has no instructions for bf16");
        try (Backend backend = VectorBackend.withNativeKernels(2, "bf16")) {
            for (int[] shape : SHAPES) {
                for (int tokens : TOKENS) {
                    // x is off by 2^-8 of itself, and each addition by 2^-24 of what has come together.
                    assertNearAndTheSameInAnyCompany(backend, weights.random(DType.BF16, 1, shape[0], shape[1]), tokens,
                            0x1p-8 + shape[1] * 0x1p-24);
                }
            }
        }
    }

    /**
     * Each number is off by 2^-17 of itself and the product of two rests, 2^-16 at most, is left out; additions are
     * three for each k. In plain C on every processor, and by tiles where there are any.
     */
    @Test
    void bf16x3IsNearlyExactAndTheSameInAnyCompany() throws Exception {
        int small = SHAPES.length - 2;
        bf16x3IsNearlyExactAndTheSameInAnyCompany(NativeKernels.get().withPortableTiles(), 256, small);
        if (NativeKernels.get().hasBf16x3()) {
            bf16x3IsNearlyExactAndTheSameInAnyCompany(NativeKernels.get(), 256, small);
            bf16x3IsNearlyExactAndTheSameInAnyCompany(NativeKernels.get(), 512, SHAPES.length);
        }
    }

    private void bf16x3IsNearlyExactAndTheSameInAnyCompany(NativeKernels kernels, int bits, int shapes)
            throws Exception {
        try (Backend backend = VectorBackend.withNativeKernels(2, bits, Precision.BF16X3, kernels)) {
            assertEquals("nativecpu:bf16x3", backend.name());
            for (int[] shape : Arrays.copyOf(SHAPES, shapes)) {
                for (WeightTensor w : List.of(weights.random(shape[0], shape[1]),
                        weights.random(DType.F16, 1, shape[0], shape[1]), bytes(shape[0], shape[1]))) {
                    for (int tokens : TOKENS) {
                        assertNearAndTheSameInAnyCompany(backend, w, tokens, 0x1p-15 + 3 * shape[1] * 0x1p-24);
                    }
                }
            }
        }
    }

    /** It goes some tokens after the other, and may not show. */
    @Test
    void feedForwardIsThatOfItsProducts() throws Exception {
        NativeKernels kernels = NativeKernels.get();
        WeightTensor in = weights.random(DType.BF16, 1, 100, 60);
        WeightTensor out = weights.random(DType.BF16, 1, 60, 100);
        WeightTensor norm = weights.random(60);
        for (int threads = 1; threads <= 2; threads++) {
            for (Precision precision : List.of(Precision.INT8, Precision.INT8X2)) {
                feedForwardIsThatOfItsProducts(bytes(100, 60), bytes(60, 100), norm, precision, threads, kernels);
            }
            if (kernels.hasBf16()) {
                feedForwardIsThatOfItsProducts(in, out, norm, Precision.BF16, threads, kernels);
            }
            feedForwardIsThatOfItsProducts(in, out, norm, Precision.BF16X3, threads, kernels.withPortableTiles());
        }
    }

    private void feedForwardIsThatOfItsProducts(WeightTensor in, WeightTensor out, WeightTensor vector,
            Precision precision, int threads, NativeKernels kernels) {
        int tokens = 390;
        try (Backend backend = VectorBackend.withNativeKernels(threads, 512, precision, kernels);
                Session session = backend.open(tokens);
                Activation x = session.upload(inputs(tokens, 60), tokens, 60)) {
            LinearWeights intermediate = new LinearWeights(backend.parameter(in), null, 60, 100);
            LinearWeights output = new LinearWeights(backend.parameter(out), null, 100, 60);
            NormWeights norm = new NormWeights(backend.parameter(vector), backend.parameter(vector), 1e-12f);
            try (Activation inner = session.linear(x, intermediate, ActivationFunction.GELU);
                    Activation expected = session.linearAddNorm(inner, output, x, norm);
                    Activation y = session.feedForward(x, intermediate, ActivationFunction.GELU, output, norm)) {
                Widths.assertSameBits(session.download(expected), session.download(y),
                        precision + " on " + threads + " threads");
            }
        }
    }

    private void assertNearAndTheSameInAnyCompany(Backend backend, WeightTensor w, int tokens, double part) {
        int rows = (int) w.size(0);
        int depth = (int) w.size(1);
        float[] x = inputs(tokens, depth);
        float[] y = linear(backend, x, tokens, w);
        for (int token = 0; token < tokens; token++) {
            float[] alone = Arrays.copyOfRange(x, token * depth, (token + 1) * depth);
            float[] yAlone = linear(backend, alone, 1, w);
            for (int n = 0; n < rows; n++) {
                assertEquals(yAlone[n], y[token * rows + n]);
                assertNear(w, n, alone, yAlone[n], part);
            }
        }
    }

    /** That a product is off by no more than that part of the sum of the magnitudes that it adds. */
    private static void assertNear(WeightTensor w, int row, float[] x, float found, double part) {
        double exact = 0;
        double magnitudes = 0;
        for (int k = 0; k < x.length; k++) {
            double product = (double) w.get((long) row * x.length + k) * x[k];
            exact += product;
            magnitudes += Math.abs(product);
        }
        assertEquals(exact, found, magnitudes * part + 1e-30, w.toString());
    }

    @Test
    void otherWeightsKeepTheirBits() throws Exception {
        try (Backend vector = new VectorBackend(1);
                Backend bytes = VectorBackend.withNativeKernels(2, "int8");
                Backend exact = VectorBackend.withNativeKernels(2, null)) {
            for (int[] shape : new int[][] {{13, 60}, {97, 131}}) {
                for (WeightTensor w : List.of(weights.random(shape[0], shape[1]),
                        weights.random(DType.BF16, 0, shape[0], shape[1]),
                        weights.random(DType.F16, 1, shape[0], shape[1]), bytes(shape[0], shape[1]),
                        bytes(shape[0], shape[1]))) {
                    for (int tokens : TOKENS) {
                        float[] x = inputs(tokens, shape[1]);
                        float[] expected = linear(vector, x, tokens, w);
                        Widths.assertSameBits(expected, linear(exact, x, tokens, w), tokens + " by " + w);
                        if (w.scales() == null) {
                            Widths.assertSameBits(expected, linear(bytes, x, tokens, w), tokens + " by " + w);
                        }
                    }
                }
            }
        }
    }
}
