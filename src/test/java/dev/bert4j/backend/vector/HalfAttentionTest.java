package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Backend;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.NativeCpu;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.backend.vector.NativeRows.Precision;
import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.SafetensorsWriter;
import dev.bert4j.weights.WeightTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Attention in bf16, behind products of bytes: near the exact one, and the same for a text in any company, on any
 * number of threads and for some of its queries; and in fp32 wherever it is not for it. In plain C on every processor,
 * and by the instructions of the processor where there are any.
 */
class HalfAttentionTest {
    private static final float LOWEST = -Float.MAX_VALUE;
    private static final int HEADS = 3;
    private static final int[][] BATCHES = {{1}, {17}, {3, 1, 2, 11, 5}, {7, 40, 1}, {32, 64}, {5, 130, 33}, {260}};

    @TempDir
    Path folder;
    private final Random random = new Random(4);
    private Checkpoint checkpoint;
    private WeightTensor bytes;
    private VectorBackend exact;

    @BeforeEach
    void open() throws Exception {
        NativeCpu.require();
        Path file = new SafetensorsWriter().metadata(Map.of("bert4j.int8", "1"))
                .add("w", "I8", List.of(1L, 1L), new byte[] {1}).add("w_scale", "F32", List.of(1L), new byte[4])
                .write(folder.resolve("bytes.safetensors"));
        checkpoint = Checkpoint.open(file);
        bytes = checkpoint.get("w");
        exact = VectorBackend.withNativeKernels(2, null);
    }

    @AfterEach
    void close() {
        if (checkpoint != null) {
            checkpoint.close();
            exact.close();
        }
    }

    /** Queries, keys and values of a batch. */
    private record Inputs(int size, int[] starts, float[] q, float[] k, float[] v) {
        int tokens() {
            return starts[starts.length - 1];
        }

        int features() {
            return HEADS * size;
        }

        /** One of its texts. */
        Inputs text(int text) {
            int from = starts[text] * features();
            int to = starts[text + 1] * features();
            return new Inputs(size, new int[] {0, starts[text + 1] - starts[text]}, Arrays.copyOfRange(q, from, to),
                    Arrays.copyOfRange(k, from, to), Arrays.copyOfRange(v, from, to));
        }

        AttentionSpec spec(List<AttentionMask> masks) {
            return new AttentionSpec(HEADS, size, starts, masks, new float[] {1, -0.5f, 2});
        }
    }

    private Inputs inputs(int size, int... lengths) {
        int[] starts = new int[lengths.length + 1];
        for (int text = 0; text < lengths.length; text++) {
            starts[text + 1] = starts[text] + lengths[text];
        }
        float[][] values = new float[3][starts[lengths.length] * HEADS * size];
        for (float[] of : values) {
            for (int i = 0; i < of.length; i++) {
                of[i] = (float) random.nextGaussian();
            }
        }
        return new Inputs(size, starts, values[0], values[1], values[2]);
    }

    /** A mask of keys and none, in turns. */
    private List<AttentionMask> masks(int[] starts) {
        return IntStream.range(0, starts.length - 1).mapToObj(text -> {
            float[] additive = new float[starts[text + 1] - starts[text]];
            for (int i = 0; i < additive.length; i++) {
                additive[i] = random.nextInt(3) == 0 ? LOWEST : random.nextInt(2);
            }
            return text % 2 == 1 ? AttentionMask.NONE : new AttentionMask(additive, false, false);
        }).toList();
    }

    /** Attention behind a product of bytes, or of none. */
    private float[] attend(Backend backend, Inputs in, AttentionSpec spec, boolean behindBytes) {
        return attend(backend, in, spec, behindBytes, null, null);
    }

    private float[] attend(Backend backend, Inputs in, AttentionSpec spec, boolean behindBytes, float[] probabilities,
            int[] queries) {
        try (Session session = backend.open(in.tokens());
                Activation x = session.upload(new float[in.tokens()], in.tokens(), 1);
                Activation q = session.upload(in.q, in.tokens(), in.features());
                Activation some = queries == null ? session.upload(new float[1], 1, 1) : session.gather(q, queries);
                Activation k = session.upload(in.k, in.tokens(), in.features());
                Activation v = session.upload(in.v, in.tokens(), in.features())) {
            WeightTensor w = behindBytes ? bytes : WeightTensor.of("one", new float[1], 1, 1);
            session.linear(x, new LinearWeights(backend.parameter(w), null, 1, 1), ActivationFunction.LINEAR).close();
            try (Activation context = session.attention(queries == null ? q : some, k, v, spec, probabilities)) {
                return session.download(context);
            }
        }
    }

    /** On every kind of kernels, both widths of vectors and one to three threads. */
    private void onEach(Consumer<Backend> test) {
        NativeKernels natives = NativeKernels.get();
        for (NativeKernels kernels : natives.halfAttention().isPresent()
                ? List.of(natives.withPortableTiles(), natives) : List.of(natives.withPortableTiles())) {
            for (int threads = 1; threads <= 3; threads++) {
                try (Backend backend = VectorBackend.withNativeKernels(threads, threads == 2 ? 256 : 512,
                        Precision.INT8, kernels)) {
                    test.accept(backend);
                }
            }
        }
    }

    /**
     * Queries, keys, values and weights are off by 2^-8 of themselves, and so a score by 2^-7 of the magnitudes that it
     * adds up, and a weight by what that makes of an exponential, twice, for their sum is made of the same.
     */
    private static void assertNear(Inputs in, AttentionSpec spec, float[] found, String what) {
        int size = in.size;
        for (int text = 0; text < spec.texts(); text++) {
            float[] mask = spec.masks().get(text).additive();
            int first = spec.starts()[text];
            int length = spec.length(text);
            for (int query = 0; query < length; query++) {
                for (int head = 0; head < HEADS; head++) {
                    int feature = head * size;
                    double[] weights = new double[length];
                    double greatest = LOWEST;
                    double off = 0;
                    for (int key = 0; key < length; key++) {
                        double dot = 0;
                        double magnitudes = 0;
                        for (int d = 0; d < size; d++) {
                            double product = (double) in.q[(first + query) * in.features() + feature + d]
                                    * in.k[(first + key) * in.features() + feature + d];
                            dot += product;
                            magnitudes += Math.abs(product);
                        }
                        weights[key] = Math.fma((float) dot, spec.scale(), mask == null ? 0 : mask[key]);
                        greatest = Math.max(greatest, weights[key]);
                        off = Math.max(off, spec.scale() * magnitudes * 0x1.02p-7);
                    }
                    double sum = 0;
                    for (int key = 0; key < length; key++) {
                        weights[key] = Math.exp(weights[key] - greatest);
                        sum += weights[key];
                    }
                    double part = 0x1.04p-7 + Math.expm1(2 * off);
                    for (int d = 0; d < size; d++) {
                        double context = 0;
                        double magnitudes = 0;
                        for (int key = 0; key < length; key++) {
                            double product = weights[key] / sum * spec.headFactor(head)
                                    * in.v[(first + key) * in.features() + feature + d];
                            context += product;
                            magnitudes += Math.abs(product);
                        }
                        assertEquals(context, found[(first + query) * in.features() + feature + d],
                                part * magnitudes + 1e-30, what);
                    }
                }
            }
        }
    }

    @Test
    void itIsNearAndTheSameInAnyCompany() {
        for (int size : new int[] {1, 7, 32, 64, 100}) {
            for (int[] lengths : BATCHES) {
                Inputs in = inputs(size, lengths);
                List<AttentionMask> masks = masks(in.starts);
                AttentionSpec spec = in.spec(masks);
                onEach(backend -> {
                    String what = Arrays.toString(lengths) + ", heads of " + size + ", " + backend.description();
                    float[] all = attend(backend, in, spec, true);
                    assertNear(in, spec, all, what);
                    for (int text = 0; text < lengths.length; text++) {
                        Inputs alone = in.text(text);
                        Widths.assertSameBits(Arrays.copyOfRange(all, in.starts[text] * in.features(),
                                in.starts[text + 1] * in.features()),
                                attend(backend, alone, alone.spec(masks.subList(text, text + 1)), true), what);
                    }
                });
            }
        }
    }

    @Test
    void itIsInBf16() {
        Inputs in = inputs(64, 40, 3);
        AttentionSpec spec = in.spec(AttentionMask.none(2));
        float[] inFull = attend(exact, in, spec, false);
        onEach(backend -> {
            assertFalse(Arrays.equals(inFull, attend(backend, in, spec, true)), "the bits of fp32");
            Widths.assertSameBits(inFull, attend(backend, in, spec, false), "behind a product of fp32");
        });
    }

    @Test
    void someQueriesHaveTheBitsOfAll() {
        for (int[] lengths : BATCHES) {
            Inputs in = inputs(32, lengths);
            AttentionSpec spec = in.spec(masks(in.starts));
            int[] queries = IntStream.range(0, in.tokens()).filter(token -> token % 3 == 0).toArray();
            onEach(backend -> {
                float[] all = attend(backend, in, spec, true);
                float[] some = attend(backend, in, spec.ofQueries(queries), true, null, queries);
                for (int i = 0; i < queries.length; i++) {
                    Widths.assertSameBits(
                            Arrays.copyOfRange(all, queries[i] * in.features(), (queries[i] + 1) * in.features()),
                            Arrays.copyOfRange(some, i * in.features(), (i + 1) * in.features()), "some queries");
                }
            });
        }
    }

    @Test
    void whatIsNotForItIsInFp32() {
        Inputs in = inputs(32, 7, 40);
        float[] perQuery = new float[7 * 7];
        AttentionSpec plain = in.spec(AttentionMask.none(2));
        AttentionSpec causal = in.spec(List.of(AttentionMask.CAUSAL, AttentionMask.CAUSAL));
        AttentionSpec mixed = in.spec(List.of(new AttentionMask(perQuery, true, false), AttentionMask.NONE));
        AttentionSpec ofDecoder = new AttentionSpec(HEADS, 32, in.starts, in.starts, AttentionMask.none(2), null, null,
                false);
        Inputs large = inputs(129, 7, 40);
        onEach(backend -> {
            float[] inHalves = attend(backend, in, plain, true);
            for (AttentionSpec spec : List.of(causal, ofDecoder)) {
                Widths.assertSameBits(attend(exact, in, spec, false), attend(backend, in, spec, true), spec.toString());
            }
            Widths.assertSameBits(attend(exact, large, large.spec(AttentionMask.none(2)), false),
                    attend(backend, large, large.spec(AttentionMask.none(2)), true), "a large head");
            // Each text for itself.
            float[] both = attend(backend, in, mixed, true);
            float[] first = attend(exact, in, mixed, false);
            int end = 7 * in.features();
            Widths.assertSameBits(Arrays.copyOf(first, end), Arrays.copyOf(both, end), "a mask of queries and keys");
            Widths.assertSameBits(Arrays.copyOfRange(inHalves, end, inHalves.length),
                    Arrays.copyOfRange(both, end, both.length), "the text beside it");
        });
    }

    /** Somebody else's, perhaps: they are those of fp32, and the context is what it is without. */
    @Test
    void askedForProbabilitiesItIsTheSame() {
        Inputs in = inputs(32, 7, 40, 3);
        AttentionSpec spec = in.spec(masks(in.starts));
        float[] expected = new float[spec.probabilitiesStart(3)];
        attend(exact, in, spec, false, expected, null);
        onEach(backend -> {
            float[] probabilities = new float[expected.length];
            Widths.assertSameBits(attend(backend, in, spec, true),
                    attend(backend, in, spec, true, probabilities, null), "context");
            Widths.assertSameBits(expected, probabilities, "probabilities");
        });
    }

    @Test
    void aNumberThatIsNoneStaysInItsText() {
        Inputs in = inputs(32, 7, 40, 3);
        for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (float[] of : List.of(in.q, in.k, in.v)) {
                int at = 9 * in.features() + 5;
                float before = of[at];
                of[at] = odd;
                onEach(backend -> {
                    float[] y = attend(backend, in, in.spec(AttentionMask.none(3)), true);
                    int odds = 0;
                    for (int i = 0; i < y.length; i++) {
                        boolean inText = i >= 7 * in.features() && i < 47 * in.features();
                        assertTrue(inText || Float.isFinite(y[i]));
                        odds += Float.isFinite(y[i]) ? 0 : 1;
                    }
                    // A key that is infinite may just weigh nothing.
                    assertTrue(odds > 0 || of == in.k && Float.isInfinite(odd), "it vanished");
                });
                of[at] = before;
            }
        }
    }
}
