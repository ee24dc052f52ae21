package dev.bert4j.bench;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A run over one batch, in buffers of its own, so that several threads can run a session at once. */
final class OrtRun implements AutoCloseable {
    static final String MASK = "attention_mask";
    private static final String WORDS = "input_ids";
    private static final String HIDDEN = "last_hidden_state";
    private static final String POOLED = "pooler_output";

    private final OrtSession session;
    private final PaddedBatch batch;
    private final int features;
    private final FloatBuffer hidden;
    private final FloatBuffer pooled;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxTensor> outputs;

    OrtRun(OrtEnvironment environment, OrtSession session, PaddedBatch batch) throws OrtException {
        this.session = session;
        this.batch = batch;
        int rows = batch.members().length;
        long[] last = ((TensorInfo) session.getOutputInfo().get(HIDDEN).getInfo()).getShape();
        features = Math.toIntExact(last[2]);
        for (String name : session.getInputNames()) {
            int[] values = name.equals(WORDS) ? batch.ids() : name.equals(MASK) ? batch.mask()
                    : new int[batch.ids().length];
            // A graph made for int32 is spared a conversion; exported ones want int64.
            var type = ((TensorInfo) session.getInputInfo().get(name).getInfo()).type;
            inputs.put(name, type == OnnxJavaType.INT64 ? longs(environment, values, batch.shape())
                    : OnnxTensor.createTensor(environment,
                            direct(values.length * Integer.BYTES).asIntBuffer().put(values).flip(), batch.shape()));
        }
        hidden = direct(batch.ids().length * features * Float.BYTES).asFloatBuffer();
        pooled = direct(rows * features * Float.BYTES).asFloatBuffer();
        outputs = Map.of(
                HIDDEN, OnnxTensor.createTensor(environment, hidden, new long[] {rows, batch.width(), features}),
                POOLED, OnnxTensor.createTensor(environment, pooled, new long[] {rows, features}));
    }

    private static OnnxTensor longs(OrtEnvironment environment, int[] values, long[] shape) throws OrtException {
        var buffer = direct(values.length * Long.BYTES).asLongBuffer();
        for (int value : values) {
            buffer.put(value);
        }
        return OnnxTensor.createTensor(environment, buffer.flip(), shape);
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    void run() {
        try (var result = session.run(inputs, outputs)) {
            // What it computed is in the buffers.
            assert result != null;
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    int features() {
        return features;
    }

    void copyHidden(List<int[]> texts, float[] all) {
        batch.unpad(hidden, features, texts, all);
    }

    float[] pooled() {
        float[] values = new float[pooled.capacity()];
        pooled.get(0, values);
        return values;
    }

    @Override
    public void close() {
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
    }
}
