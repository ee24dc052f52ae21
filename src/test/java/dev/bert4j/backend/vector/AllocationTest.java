package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.Backend;
import dev.bert4j.backend.EmbeddingInput;
import dev.bert4j.backend.EmbeddingTables;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.NativeCpu;
import dev.bert4j.backend.NormWeights;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.Session;
import dev.bert4j.backend.Weights;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.backend.vector.NativeRows.Precision;
import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.SafetensorsWriter;
import dev.bert4j.weights.WeightTensor;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A session that has been used before allocates nothing at all: with the C kernels whatever the JIT has compiled by
 * then, for no object is made that it would have to remove; with the Vector API, whose vectors are objects before, once
 * it has compiled the kernels, and whatever else has run in this JVM.
 */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int FEATURES = 96;
    private static final int INNER = 200;
    private static final int HEADS = 4;
    private static final int WORDS = 50;
    private static final float[] PADDED = {0, 0, 0, -Float.MAX_VALUE, 0, -Float.MAX_VALUE, -Float.MAX_VALUE};
    /** Calls until everything that is made once is there: sessions, arrays, the classes of calls. */
    private static final int WARM_UP = 60;
    /** Of so many calls the least counts, for another thread of this JVM may allocate meanwhile. */
    private static final int CALLS = 40;
    /** At most so many until C2 has compiled the kernels of the Vector API; the first without objects ends it. */
    private static final int COMPILING_CALLS = 20_000;

    @TempDir
    Path folder;

    /** What a layer and the embeddings before it are made of. */
    private record Layer(Backend backend, EmbeddingTables tables, LinearWeights[] queryKeyValue, LinearWeights dense,
            LinearWeights inner, LinearWeights outer, NormWeights norm) {
        static Layer of(Backend backend, Weights weights, Matrices matrices) throws Exception {
            LinearWeights[] queryKeyValue = new LinearWeights[3];
            for (int i = 0; i < 3; i++) {
                queryKeyValue[i] = linear(backend, weights, matrices, FEATURES, FEATURES);
            }
            Parameter vector = backend.parameter(weights.random(FEATURES));
            return new Layer(backend, new EmbeddingTables(backend.parameter(matrices.of(WORDS, FEATURES)),
                    backend.parameter(weights.random(DType.BF16, 0, 2, FEATURES)),
                    backend.parameter(weights.random(DType.F32, 0, WORDS, FEATURES)), FEATURES), queryKeyValue,
                    linear(backend, weights, matrices, FEATURES, FEATURES),
                    linear(backend, weights, matrices, FEATURES, INNER),
                    linear(backend, weights, matrices, INNER, FEATURES), new NormWeights(vector, vector, 1e-12f));
        }

        private static LinearWeights linear(Backend backend, Weights weights, Matrices matrices, int in, int out)
                throws Exception {
            return new LinearWeights(backend.parameter(matrices.of(out, in)), backend.parameter(weights.random(out)),
                    in, out);
        }

        void run(EmbeddingInput input, AttentionSpec spec, int[] firstTokens) {
            try (Session session = backend.open(input.tokens());
                    Activation sums = session.embed(tables, input);
                    Activation x = session.layerNorm(sums, norm);
                    Activation attended = attend(session, x, spec);
                    Activation mixed = session.linearAddNorm(attended, dense, x, norm);
                    Activation y = session.feedForward(mixed, inner, ActivationFunction.GELU, outer, norm);
                    Activation first = session.gather(y, firstTokens)) {
                session.linear(first, dense, ActivationFunction.LINEAR).close();
            }
        }

        private Activation attend(Session session, Activation x, AttentionSpec spec) {
            Activation[] all = session.linear(x, queryKeyValue);
            try (Activation q = all[0]; Activation k = all[1]; Activation v = all[2]) {
                return session.attention(q, k, v, spec, null);
            }
        }
    }

    /** Makes matrices that are stored in some way. */
    @FunctionalInterface
    private interface Matrices {
        WeightTensor of(long rows, long columns) throws Exception;
    }

    private static void assertNothingIsAllocated(String what, Layer layer, int calls) {
        for (int[] starts : new int[][] {{0, 7}, {0, 7, 40, 90}, {0, 7, 40, 290}}) {
            int tokens = starts[starts.length - 1];
            int[] ids = new Random(tokens).ints(tokens, 0, 2).toArray();
            EmbeddingInput input = new EmbeddingInput(ids, null, ids, ids);
            AttentionMask masked = new AttentionMask(PADDED, false, false);
            List<AttentionMask> masks = starts.length == 2 ? List.of(masked)
                    : List.of(masked, AttentionMask.NONE, AttentionMask.NONE);
            AttentionSpec spec = new AttentionSpec(HEADS, FEATURES / HEADS, starts, masks, null);
            int[] firstTokens = {0};
            long least = Long.MAX_VALUE;
            for (int i = 0; i < WARM_UP + calls && least > 0; i++) {
                long before = THREADS.getTotalThreadAllocatedBytes();
                layer.run(input, spec, firstTokens);
                long bytes = THREADS.getTotalThreadAllocatedBytes() - before;
                least = i < WARM_UP ? least : Math.min(least, bytes);
            }
            assertEquals(0, least, "bytes that a call on " + tokens + " tokens allocates with " + what);
        }
    }

    private static VectorBackend backend(int threads, Precision precision) {
        return VectorBackend.withNativeKernels(threads, 512, precision, NativeKernels.get());
    }

    @Test
    void weightsOfEveryType() throws Exception {
        NativeCpu.require();
        try (Weights weights = new Weights(folder, 3)) {
            for (DType type : List.of(DType.F32, DType.BF16, DType.F16)) {
                for (int threads : new int[] {1, 2}) {
                    try (Backend backend = backend(threads, Precision.EXACT)) {
                        assertNothingIsAllocated(type + " on " + threads + " threads", Layer.of(backend, weights,
                                (rows, columns) -> weights.random(type, 0, rows, columns)), CALLS);
                    }
                }
            }
        }
    }

    @Test
    void quantizedWeights() throws Exception {
        NativeCpu.require();
        try (Weights weights = new Weights(folder, 4)) {
            for (Precision precision : List.of(Precision.EXACT, Precision.INT8, Precision.INT8X2)) {
                try (Backend backend = backend(2, precision)) {
                    assertNothingIsAllocated(precision + " of bytes", Layer.of(backend, weights, this::bytes), CALLS);
                }
            }
        }
    }

    @Test
    void vectorApi() throws Exception {
        try (Weights weights = new Weights(folder, 5)) {
            // Wider ones than the processor has are never anything but objects.
            for (int bits = 128; bits <= FloatVector.SPECIES_PREFERRED.vectorBitSize(); bits *= 2) {
                try (Backend backend = new VectorBackend(2, bits)) {
                    for (DType type : List.of(DType.F32, DType.BF16, DType.F16)) {
                        assertNothingIsAllocated(type + " in vectors of " + bits + " bits", Layer.of(backend, weights,
                                (rows, columns) -> weights.random(type, 0, rows, columns)), COMPILING_CALLS);
                    }
                    assertNothingIsAllocated("bytes in vectors of " + bits + " bits",
                            Layer.of(backend, weights, this::bytes), COMPILING_CALLS);
                }
            }
        }
    }

    /** Those of all tokens would be the largest part of the memory of a call by far. */
    @Test
    void innerValuesOfAChunkAreAllThatAFeedForwardPartHolds() throws Exception {
        NativeCpu.require();
        int tokens = 2000;
        int features = 8;
        int inner = 3000;
        try (Weights weights = new Weights(folder, 6); Backend backend = backend(1, Precision.EXACT);
                Session session = backend.open(tokens);
                Activation x = session.upload(weights.floats(tokens * features), tokens, features)) {
            LinearWeights intermediate = new LinearWeights(backend.parameter(weights.random(inner, features)), null,
                    features, inner);
            LinearWeights output = new LinearWeights(backend.parameter(weights.random(features, inner)), null, inner,
                    features);
            Parameter vector = backend.parameter(weights.random(features));
            long before = THREADS.getTotalThreadAllocatedBytes();
            session.feedForward(x, intermediate, ActivationFunction.GELU, output, new NormWeights(vector, vector, 1))
                    .close();
            long bytes = THREADS.getTotalThreadAllocatedBytes() - before;
            assertTrue(bytes < 4L * tokens * inner / 4, bytes + " bytes");
        }
    }

    private WeightTensor bytes(long rows, long columns) throws Exception {
        byte[] values = new byte[(int) (rows * columns)];
        new Random(rows + columns).nextBytes(values);
        ByteBuffer scales = ByteBuffer.allocate(4 * (int) rows).order(ByteOrder.LITTLE_ENDIAN);
        while (scales.hasRemaining()) {
            scales.putFloat(0.01f);
        }
        ByteBuffer ofColumns = ByteBuffer.allocate(4 * (int) columns).order(ByteOrder.LITTLE_ENDIAN);
        while (ofColumns.hasRemaining()) {
            ofColumns.putFloat(0.5f + ofColumns.position() % 7);
        }
        Path file = new SafetensorsWriter().metadata(Map.of("bert4j.int8", "2"))
                .add("w", "I8", List.of(rows, columns), values)
                .add("w_scale", "F32", List.of(rows), scales.array())
                .add("w_column_scale", "F32", List.of(columns), ofColumns.array())
                .write(folder.resolve("bytes" + System.nanoTime() + ".safetensors"));
        // Stays mapped: what is allocated is counted, and the JVM ends soon.
        return Checkpoint.open(file).get("w");
    }
}
