package dev.bert4j.backend.opencl;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Backend;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.NormWeights;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.reference.ReferenceBackend;
import dev.bert4j.weights.WeightTensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks a device for a small layer before it is trusted with a model: compilers of drivers have faults, and a wrong
 * answer is worse than none. Once a JVM for each device and precision.
 */
final class SelfTest {
    /** So many that products are cut as those of few tokens are, and as those of many. */
    private static final int[] TOKENS = {37, 101};
    private static final int HEADS = 2;
    private static final int FEATURES = 16;
    /** Of 1 + |value|, where a device does not promise the bits. */
    private static final float TOLERANCE = 1e-4f;
    private static final Map<List<Object>, Optional<String>> VERDICTS = new ConcurrentHashMap<>();

    private SelfTest() {
    }

    /** What is wrong with the answers of a device, as a clause; empty if nothing. */
    static Optional<String> fault(OpenClBackend backend, OpenClDevice device) {
        List<TensorTile> tiles = backend.tensorTiles();
        return VERDICTS.computeIfAbsent(List.of(device.id(), tiles), key -> tiles.isEmpty()
                ? compare(backend, device.exact()) : TensorCheck.fault(backend, tiles.getFirst().precision()));
    }

    private static Optional<String> compare(Backend backend, boolean exact) {
        for (int tokens : TOKENS) {
            float[] expected;
            try (Backend reference = new ReferenceBackend(1)) {
                expected = layer(reference, tokens);
            }
            Optional<String> fault = difference(expected, layer(backend, tokens), exact);
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    /** The first value that differs by more than it may. */
    static Optional<String> difference(float[] expected, float[] actual, boolean exact) {
        for (int i = 0; i < expected.length; i++) {
            float allowed = exact ? 0 : TOLERANCE * (1 + Math.abs(expected[i]));
            if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
                return Optional.of("its answer to a test is wrong, " + actual[i] + " instead of " + expected[i]
                        + "; another driver may help.");
            }
        }
        return Optional.empty();
    }

    /** Attention, a product with residual and normalisation, and one with GELU, over two texts. */
    private static float[] layer(Backend backend, int tokens) {
        NormWeights norm = new NormWeights(backend.parameter(weight("scale", FEATURES)),
                backend.parameter(weight("shift", FEATURES)), 1e-12f);
        LinearWeights dense = new LinearWeights(backend.parameter(weight("w", FEATURES, FEATURES)),
                backend.parameter(weight("b", FEATURES)), FEATURES, FEATURES);
        AttentionSpec spec = new AttentionSpec(HEADS, FEATURES / HEADS, new int[] {0, 4, tokens},
                AttentionMask.none(2), null);
        try (Session session = backend.open(tokens);
                Activation x = session.upload(values(tokens * FEATURES), tokens, FEATURES);
                Activation context = session.attention(x, x, x, spec, null);
                Activation attended = session.linearAddNorm(context, dense, x, norm);
                Activation y = session.linear(attended, dense, ActivationFunction.GELU)) {
            return session.download(y);
        }
    }

    private static WeightTensor weight(String name, int... shape) {
        long[] sizes = new long[shape.length];
        int count = 1;
        for (int i = 0; i < shape.length; i++) {
            sizes[i] = shape[i];
            count *= shape[i];
        }
        return WeightTensor.of(name, values(count), sizes);
    }

    /** Values of both signs without a pattern that a wrong index would hide behind. */
    static float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) Math.sin(0.7 * i * i + 0.3 * i + 1);
            // Now and then one so small that a device which drops such numbers shows it.
            values[i] *= i % 97 == 13 ? 0x1p-130f : 1;
        }
        return values;
    }
}
