package dev.bert4j.bench;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * PyTorch in this JVM through DJL, with a TorchScript file that {@code script_model.py} makes. Its engine is found at
 * run time, so that everything else works where it could not be fetched.
 */
final class DjlTorch implements Engine {
    static final String NAME = "PyTorch DJL";

    private final Model model;
    private final Predictor<NDList, NDList> predictor;
    private final String description;

    DjlTorch(Path scripted, int threads) {
        System.setProperty("OPT_OUT_TRACKING", "true");
        // Never fetched behind our back: what is measured comes from the package client.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        // Its own compiler would begin anew, for seconds, with every shape of input; without it calls are no slower.
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        try {
            model = Model.newInstance("bert", Device.cpu(), "PyTorch");
            model.load(scripted.toAbsolutePath().getParent(), scripted.getFileName().toString());
        } catch (IOException | EngineException | MalformedModelException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        predictor = model.newPredictor(new NoopTranslator());
        description = NAME + ": " + ai.djl.engine.Engine.getEngine("PyTorch").getVersion()
                + ", frozen TorchScript, fused attention, " + threads + (threads == 1 ? " thread" : " threads");
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Call prepare(List<int[]> texts, int[][] batches) {
        NDManager manager = model.getNDManager().newSubManager();
        List<PaddedBatch> padded = new ArrayList<>();
        List<NDList> inputs = new ArrayList<>();
        for (int[] members : batches) {
            PaddedBatch batch = PaddedBatch.of(texts, members);
            Shape shape = new Shape(batch.shape());
            padded.add(batch);
            NDList input = new NDList(longs(manager, batch.ids(), shape));
            if (batch.padded()) {
                input.add(longs(manager, batch.mask(), shape));
            }
            inputs.add(input);
        }
        return new Passes(predictor, manager, texts, padded, inputs, new ArrayList<>());
    }

    private static NDArray longs(NDManager manager, int[] values, Shape shape) {
        long[] wide = new long[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return manager.create(wide, shape);
    }

    @Override
    public void close() {
        predictor.close();
        model.close();
    }

    private record Passes(Predictor<NDList, NDList> predictor, NDManager manager, List<int[]> texts,
            List<PaddedBatch> padded, List<NDList> inputs, List<NDList> outputs) implements LocalCall {
        @Override
        public Object run() {
            outputs.forEach(NDList::close);
            outputs.clear();
            try {
                for (NDList input : inputs) {
                    outputs.add(predictor.predict(input));
                }
            } catch (TranslateException e) {
                throw new IllegalStateException(e);
            }
            return outputs;
        }

        @Override
        public float[] values() {
            int features = Math.toIntExact(outputs.getFirst().getFirst().getShape().get(2));
            float[] all = new float[PaddedBatch.tokens(texts) * features];
            for (int i = 0; i < padded.size(); i++) {
                padded.get(i).unpad(FloatBuffer.wrap(outputs.get(i).getFirst().toFloatArray()), features,
                        texts, all);
            }
            return all;
        }

        @Override
        public void close() {
            outputs.forEach(NDList::close);
            manager.close();
        }
    }
}
