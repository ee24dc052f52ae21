package dev.bert4j.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.Map;

/**
 * ONNX Runtime at its best: a graph fused as its transformer optimizer fuses it, all optimizations of the session on
 * top, threads that spin between the operators of a run, no attention mask, inputs and outputs in direct buffers that
 * are made once, so that a run copies nothing between Java and native memory.
 */
final class OrtBert implements Engine {
    private static final int HIDDEN = 768;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final String description;

    OrtBert(Path graph, int threads) {
        try (var options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            options.setExecutionMode(ExecutionMode.SEQUENTIAL);
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "1");
            session = environment.createSession(graph.toString(), options);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot open " + graph + ".", e);
        }
        description = "onnxruntime: " + environment.getVersion() + ", CPU, " + graph.getFileName() + ", " + threads
                + (threads == 1 ? " thread" : " threads");
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Call prepare(int[] ids) {
        try {
            return new Run(environment, session, ids);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Run implements Call {
        private final OrtSession session;
        private final FloatBuffer hidden;
        private final FloatBuffer pooled;
        private final Map<String, OnnxTensor> inputs;
        private final Map<String, OnnxTensor> outputs;

        Run(OrtEnvironment environment, OrtSession session, int[] ids) throws OrtException {
            this.session = session;
            int tokens = ids.length;
            long[] shape = {1, tokens};
            IntBuffer words = direct(tokens).asIntBuffer().put(ids).flip();
            inputs = Map.of("input_ids", OnnxTensor.createTensor(environment, words, shape),
                    "token_type_ids", OnnxTensor.createTensor(environment, direct(tokens).asIntBuffer(), shape));
            hidden = direct(tokens * HIDDEN).asFloatBuffer();
            pooled = direct(HIDDEN).asFloatBuffer();
            outputs = Map.of(
                    "last_hidden_state", OnnxTensor.createTensor(environment, hidden, new long[] {1, tokens, HIDDEN}),
                    "pooler_output", OnnxTensor.createTensor(environment, pooled, new long[] {1, HIDDEN}));
        }

        private static ByteBuffer direct(int values) {
            return ByteBuffer.allocateDirect(values * Integer.BYTES).order(ByteOrder.nativeOrder());
        }

        @Override
        public Object run() {
            try (var result = session.run(inputs, outputs)) {
                return result;
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public float[] lastHiddenState() {
            return copy(hidden);
        }

        @Override
        public float[] poolerOutput() {
            return copy(pooled);
        }

        private static float[] copy(FloatBuffer buffer) {
            float[] values = new float[buffer.capacity()];
            buffer.get(0, values);
            return values;
        }

        @Override
        public void close() {
            inputs.values().forEach(OnnxTensor::close);
            outputs.values().forEach(OnnxTensor::close);
        }
    }
}
