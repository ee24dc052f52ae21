package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.DeviceMemoryException;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.weights.WeightTensor;
import java.util.Arrays;
import java.util.Optional;

/**
 * Asks tensor cores for products, cut in every way that is used, before they are trusted with a model: whether these
 * are as near to the true ones as the precision promises, and whether a token gets the same bits wherever it stands.
 */
final class TensorCheck {
    /** More than the largest tile has, and no multiples of anything. */
    private static final int TOKENS = 131;
    private static final int OUTPUTS = 133;
    /** A long one; one whose rows are read in quads; and one so short that rounding shows before it averages out. */
    private static final int[] DEPTHS = {203, 64, 3};
    /** How many tokens stand before a text. */
    private static final int BEFORE = 5;
    private static final double UNIT = 0x1p-24;

    private final OpenClBackend backend;
    private final OpenClSession session;

    private TensorCheck(OpenClBackend backend, OpenClSession session) {
        this.backend = backend;
        this.session = session;
    }

    /** What is wrong with the products, as a clause; empty if nothing. */
    static Optional<String> fault(OpenClBackend backend, Precision promised) {
        try (var session = (OpenClSession) backend.open(TOKENS)) {
            TensorCheck check = new TensorCheck(backend, session);
            return Arrays.stream(DEPTHS).mapToObj(depth -> check.fault(depth, promised))
                    .flatMap(Optional::stream).findFirst();
        } catch (DeviceMemoryException e) {
            // Says nothing of the kernels, and may be otherwise the next time.
            throw e;
        } catch (IllegalStateException e) {
            return Optional.of("the kernels for it do not run: " + e.getMessage().lines().findFirst().orElse(""));
        }
    }

    private Optional<String> fault(int depth, Precision promised) {
        float[] x = SelfTest.values(TOKENS * depth);
        float[] w = SelfTest.values(OUTPUTS * depth);
        float[] bias = SelfTest.values(OUTPUTS);
        LinearWeights linear = new LinearWeights(backend.parameter(WeightTensor.of("w", w, OUTPUTS, depth)),
                backend.parameter(WeightTensor.of("b", bias, OUTPUTS)), depth, OUTPUTS);
        float[] first = null;
        for (TensorTile tile : backend.tensorTiles()) {
            float[] y = product(tile, x, linear);
            if (first == null) {
                Optional<String> wrong = wrong(y, x, w, bias, promised.error(depth));
                if (wrong.isPresent()) {
                    return wrong;
                }
                first = y;
            }
            float[] text = product(tile, Arrays.copyOfRange(x, BEFORE * depth, x.length), linear);
            if (!Arrays.equals(y, first)
                    || !Arrays.equals(text, Arrays.copyOfRange(first, BEFORE * OUTPUTS, first.length))) {
                return Optional.of("what it answers to a text depends on how products are cut.");
            }
        }
        return Optional.empty();
    }

    private float[] product(TensorTile tile, float[] rows, LinearWeights linear) {
        try (Activation x = session.upload(rows, rows.length / linear.in(), linear.in());
                Activation y = session.product(tile, x, linear, ActivationFunction.LINEAR, NULL)) {
            return session.download(y);
        }
    }

    /** The first value that is further from the true one than may be. */
    private static Optional<String> wrong(float[] y, float[] x, float[] w, float[] bias, double error) {
        int depth = x.length / TOKENS;
        for (int i = 0; i < y.length; i++) {
            double sum = 0;
            double magnitude = 0;
            for (int k = 0; k < depth; k++) {
                double product = (double) x[i / OUTPUTS * depth + k] * w[i % OUTPUTS * depth + k];
                sum += product;
                magnitude += Math.abs(product);
            }
            double expected = sum + bias[i % OUTPUTS];
            // The bias is added with one rounding more, and what is below the normal numbers may be dropped.
            double allowed = error * magnitude + 2 * UNIT * (magnitude + Math.abs(bias[i % OUTPUTS]))
                    + depth * Float.MIN_NORMAL;
            if (!(Math.abs(y[i] - expected) <= allowed)) {
                return Optional.of("its answer to a test is wrong, " + y[i] + " instead of " + expected
                        + ", which may differ by " + allowed + "; another driver may help.");
            }
        }
        return Optional.empty();
    }
}
