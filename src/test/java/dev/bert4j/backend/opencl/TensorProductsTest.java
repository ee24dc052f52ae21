package dev.bert4j.backend.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.Backend;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.NormWeights;
import dev.bert4j.backend.OpenClDevices;
import dev.bert4j.backend.reference.ReferenceBackend;
import dev.bert4j.weights.WeightTensor;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The products of tensor cores, whose instruction is emulated: how they are cut, rounded and finished. The emulation
 * takes operands and gives sums where the documentation of PTX says that they lie.
 */
class TensorProductsTest {
    private static final List<Precision> PRECISIONS = List.of(Precision.BF16, Precision.TF32, Precision.TF32X3);
    private static final double UNIT = 0x1p-24;
    /** For devices that do not round division and square root exactly. */
    private static final float CLOSE = 1e-5f;
    private static final Map<Precision, OpenClBackend> BACKENDS = new EnumMap<>(Precision.class);

    @BeforeAll
    static void open() {
        OpenClDevices.require();
        PRECISIONS.forEach(precision -> BACKENDS.put(precision, OpenClBackend.emulated(precision)));
    }

    @AfterAll
    static void close() {
        BACKENDS.values().forEach(OpenClBackend::close);
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static LinearWeights weights(Backend backend, float[] w, float[] bias, int outputs, int depth) {
        return new LinearWeights(backend.parameter(WeightTensor.of("w", w, outputs, depth)),
                bias == null ? null : backend.parameter(WeightTensor.of("b", bias, outputs)), depth, outputs);
    }

    private static float[] product(OpenClBackend backend, TensorTile tile, float[] x, float[] w, float[] bias,
            int outputs, int depth) {
        try (var session = (OpenClSession) backend.open(x.length / depth);
                Activation a = session.upload(x, x.length / depth, depth);
                Activation y = session.product(tile, a, weights(backend, w, bias, outputs, depth),
                        ActivationFunction.LINEAR, 0)) {
            return session.download(y);
        }
    }

    /** What a product is, and the sum of the magnitudes of what is added up. */
    private record Sum(double value, double magnitude) {
        static Sum of(float[] x, float[] w, int i, int outputs, int depth) {
            double sum = 0;
            double magnitude = 0;
            for (int k = 0; k < depth; k++) {
                double p = (double) x[i / outputs * depth + k] * w[i % outputs * depth + k];
                sum += p;
                magnitude += Math.abs(p);
            }
            return new Sum(sum, magnitude);
        }
    }

    /** The largest error of a product, in parts of the sum of what was added up. */
    private static double error(float[] y, float[] x, float[] w, int outputs, int depth) {
        double most = 0;
        for (int i = 0; i < y.length; i++) {
            Sum sum = Sum.of(x, w, i, outputs, depth);
            most = Math.max(most, Math.abs(y[i] - sum.value) / sum.magnitude);
        }
        return most;
    }

    @Test
    void productsOfAnySizeAreWithinTheirBoundHoweverTheyAreCut() {
        Random random = new Random(1);
        int[][] sizes = {{1, 1, 1}, {7, 5, 3}, {33, 70, 37}, {130, 129, 64}, {3, 9, 1030}};
        Map<Precision, Double> largest = new EnumMap<>(Precision.class);
        for (int[] size : sizes) {
            int outputs = size[1];
            int depth = size[2];
            float[] x = floats(random, size[0] * depth);
            float[] w = floats(random, outputs * depth);
            for (Precision precision : PRECISIONS) {
                OpenClBackend backend = BACKENDS.get(precision);
                float[] first = null;
                for (TensorTile tile : backend.tensorTiles()) {
                    float[] y = product(backend, tile, x, w, null, outputs, depth);
                    double error = error(y, x, w, outputs, depth);
                    assertTrue(error <= precision.error(depth) + UNIT, tile + " of " + Arrays.toString(size) + ": "
                            + error + " is more than " + precision.error(depth));
                    largest.merge(precision, error, Math::max);
                    first = first == null ? y : first;
                    assertArrayEquals(first, y, tile + " of " + Arrays.toString(size));
                }
            }
        }
        // So the parts of a split are all taken, and no precision has another's place.
        assertTrue(largest.get(Precision.BF16) > 4 * largest.get(Precision.TF32), largest.toString());
        assertTrue(largest.get(Precision.TF32) > 100 * largest.get(Precision.TF32X3), largest.toString());
    }

    /** No worse than the chain of fp32, by the largest error of some thousand products of a usual depth. */
    @Test
    void threeProductsAreAsExactAsFp32() {
        Random random = new Random(2);
        int depth = 768;
        float[] x = floats(random, 33 * depth);
        float[] w = floats(random, 70 * depth);
        double fp32;
        try (OpenClBackend plain = OpenClBackend.onDevice(-1)) {
            fp32 = error(linear(plain, x, w, 70, depth), x, w, 70, depth);
        }
        OpenClBackend backend = BACKENDS.get(Precision.TF32X3);
        double split = error(linear(backend, x, w, 70, depth), x, w, 70, depth);
        assertTrue(split <= fp32, split + " is more than " + fp32);
        assertTrue(Precision.TF32X3.error(depth) < Precision.FP32.error(depth));
    }

    private static float[] linear(OpenClBackend backend, float[] x, float[] w, int outputs, int depth) {
        try (var session = backend.open(x.length / depth);
                Activation a = session.upload(x, x.length / depth, depth);
                Activation y = session.linear(a, weights(backend, w, null, outputs, depth),
                        ActivationFunction.LINEAR)) {
            return session.download(y);
        }
    }

    /** One product at a time shows what the operands are rounded to. */
    @Test
    void operandsAreRoundedAsTheInstructionsDo() {
        float tie = 1 + 0x1p-11f;
        float[] x = {1 + 0x1p-8f, 1 + 3 * 0x1p-8f, 1 + 0x1p-8f + 0x1p-20f, tie, -tie, tie - 0x1p-23f, 0x1p-130f, -0.0f};
        Map<Precision, float[]> expected = Map.of(
                Precision.BF16, new float[] {1, 1 + 0x1p-6f, 1 + 0x1p-7f, 1, -1, 1, 0x1p-130f, 0},
                Precision.TF32, new float[] {x[0], x[1], x[0], 1 + 0x1p-10f, -1 - 0x1p-10f, 1, 0x1p-130f, 0},
                // The last bit may be lost, where it is far below the first of the rest.
                Precision.TF32X3, new float[] {x[0], x[1], x[2], tie, -tie, tie, 0x1p-130f, 0});
        expected.forEach((precision, values) -> {
            OpenClBackend backend = BACKENDS.get(precision);
            for (TensorTile tile : backend.tensorTiles()) {
                assertArrayEquals(values, product(backend, tile, x, new float[] {1}, null, 1, 1), tile.toString());
                float[] asWeights = product(backend, tile, new float[] {1}, x, null, x.length, 1);
                assertArrayEquals(values, asWeights, tile.toString());
            }
        });
    }

    @Test
    void biasActivationAndResidualAreAsEver() {
        Random random = new Random(3);
        int depth = 20;
        int outputs = 19;
        float[] x = floats(random, 9 * depth);
        float[] w = floats(random, outputs * depth);
        float[] bias = floats(random, outputs);
        float[] residual = floats(random, 9 * outputs);
        float[] identity = new float[outputs * outputs];
        for (int i = 0; i < outputs; i++) {
            identity[i * outputs + i] = 1;
        }
        for (Precision precision : PRECISIONS) {
            OpenClBackend backend = BACKENDS.get(precision);
            float[] biased = product(backend, backend.tensorTiles().getLast(), x, w, null, outputs, depth);
            for (int i = 0; i < biased.length; i++) {
                biased[i] += bias[i % outputs];
            }
            LinearWeights linear = weights(backend, w, bias, outputs, depth);
            try (var reference = new ReferenceBackend(1); var on = reference.open(9);
                    var session = backend.open(9); Activation a = session.upload(x, 9, depth);
                    Activation r = session.upload(residual, 9, outputs);
                    Activation b = on.upload(biased, 9, outputs); Activation s = on.upload(residual, 9, outputs)) {
                LinearWeights same = weights(reference, identity, null, outputs, outputs);
                for (ActivationFunction f : List.of(ActivationFunction.GELU, ActivationFunction.RELU)) {
                    try (Activation expected = on.linear(b, same, f); Activation y = session.linear(a, linear, f)) {
                        assertArrayEquals(on.download(expected), session.download(y), CLOSE, precision + " " + f);
                    }
                }
                try (Activation expected = on.linearAddNorm(b, same, s, norm(reference, bias, outputs));
                        Activation y = session.linearAddNorm(a, linear, r, norm(backend, bias, outputs))) {
                    assertArrayEquals(on.download(expected), session.download(y), CLOSE, precision.toString());
                }
            }
        }
    }

    private static NormWeights norm(Backend backend, float[] weight, int outputs) {
        return new NormWeights(backend.parameter(WeightTensor.of("weight", weight, outputs)),
                backend.parameter(WeightTensor.of("bias", weight, outputs)), 1e-12f);
    }

    @Test
    void whatIsInfiniteOrNoNumberComesThroughAndSpoilsNothingElse() {
        float inf = Float.POSITIVE_INFINITY;
        float[] special = {Float.NaN, inf, -inf, Float.MAX_VALUE, -Float.MAX_VALUE, 1, Float.intBitsToFloat(0x7f800001),
            Float.intBitsToFloat(-1), Float.MIN_VALUE};
        int depth = 21;
        int outputs = 6;
        Random random = new Random(5);
        float[] w = floats(random, outputs * depth);
        w[2 * depth + 4] = inf;
        w[3 * depth + 4] = Float.NaN;
        w[4 * depth + 4] = 0;
        w[5 * depth + 4] = 0x1p-10f;
        float[] x = floats(random, special.length * depth);
        for (int i = 0; i < special.length; i++) {
            x[i * depth + 4] = special[i];
        }
        for (Precision precision : PRECISIONS) {
            OpenClBackend backend = BACKENDS.get(precision);
            for (TensorTile tile : backend.tensorTiles()) {
                float[] y = product(backend, tile, x, w, null, outputs, depth);
                for (int i = 0; i < y.length; i++) {
                    Sum sum = Sum.of(x, w, i, outputs, depth);
                    String what = tile + " at " + i + ": " + y[i] + " for " + sum;
                    if (Math.abs(sum.value) <= Float.MAX_VALUE) {
                        assertEquals(sum.value, y[i], sum.magnitude * (precision.error(depth) + UNIT), what);
                    } else {
                        assertEquals((float) sum.value, y[i], what);
                    }
                }
            }
        }
    }

    /** A text alone, in the middle of others, and through larger tiles: the same bits. */
    @Test
    void aTokenHasTheSameBitsInEveryBatch() {
        Random random = new Random(6);
        int depth = 100;
        int outputs = 90;
        float[] x = floats(random, 200 * depth);
        float[] w = floats(random, outputs * depth);
        for (Precision precision : PRECISIONS) {
            OpenClBackend backend = BACKENDS.get(precision);
            float[] all = linear(backend, x, w, outputs, depth);
            for (int[] part : new int[][] {{0, 1}, {5, 8}, {57, 140}, {199, 200}}) {
                float[] alone = linear(backend, Arrays.copyOfRange(x, part[0] * depth, part[1] * depth), w, outputs,
                        depth);
                assertArrayEquals(Arrays.copyOfRange(all, part[0] * outputs, part[1] * outputs), alone);
            }
        }
    }

    @Test
    void theLargestTileIsTakenThatLeavesNoComputeUnitWithoutWork() {
        List<TensorTile> tiles = TensorTile.all(Precision.TF32, false);
        assertEquals(128, TensorTile.choose(tiles, 4096, 768, 132).bm());
        assertEquals(64, TensorTile.choose(tiles, 1024, 768, 132).bm());
        assertEquals(32, TensorTile.choose(tiles, 8, 768, 132).bm());
        assertEquals(128, TensorTile.choose(tiles, 1, 1, 1).bm());
    }

    /** A device whose tensor cores sum wrongly: one that takes tf32 for tf32x3. */
    @Test
    void tooLittlePrecisionIsFoundOut() {
        OpenClBackend backend = BACKENDS.get(Precision.TF32);
        assertTrue(TensorCheck.fault(backend, Precision.TF32X3).orElseThrow()
                .startsWith("its answer to a test is wrong, "));
        assertTrue(TensorCheck.fault(BACKENDS.get(Precision.BF16), Precision.TF32).isPresent());
        assertTrue(TensorCheck.fault(backend, Precision.TF32).isEmpty());
    }
}
