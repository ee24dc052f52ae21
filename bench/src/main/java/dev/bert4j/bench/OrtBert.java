package dev.bert4j.bench;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * ONNX Runtime at its best: a graph fused as its transformer optimizer fuses it, all optimizations of the session on
 * top, threads that spin between the operators of a run, inputs and outputs in direct buffers that are made once, so
 * that a run copies nothing between Java and native memory. A graph that has no input for a mask is the faster for
 * texts that need none.
 */
final class OrtBert implements Engine {
    static final String NAME = "ONNX Runtime Java";

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final String description;
    private final boolean masked;

    OrtBert(Path graph, int threads, boolean spinning) {
        try (var options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            options.setExecutionMode(ExecutionMode.SEQUENTIAL);
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", spinning ? "1" : "0");
            session = environment.createSession(graph.toString(), options);
            masked = session.getInputNames().contains(OrtRun.MASK);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot open " + graph + ".", e);
        }
        description = NAME + ": " + environment.getVersion() + ", CPU, " + graph.getFileName() + ", " + threads
                + (threads == 1 ? " thread" : " threads") + (spinning ? "" : ", not spinning");
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
    public boolean takesPadding() {
        return masked;
    }

    @Override
    public Passes prepare(List<int[]> texts, int[][] batches) {
        List<OrtRun> runs = new ArrayList<>();
        try {
            for (int[] members : batches) {
                runs.add(new OrtRun(environment, session, PaddedBatch.of(texts, members)));
            }
        } catch (OrtException e) {
            runs.forEach(OrtRun::close);
            throw new IllegalStateException(e);
        }
        return new Passes(runs, texts);
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One run for each batch. */
    record Passes(List<OrtRun> runs, List<int[]> texts) implements LocalCall {
        @Override
        public Object run() {
            for (OrtRun run : runs) {
                run.run();
            }
            return runs;
        }

        @Override
        public float[] values() {
            float[] all = new float[PaddedBatch.tokens(texts) * runs.getFirst().features()];
            runs.forEach(run -> run.copyHidden(texts, all));
            return all;
        }

        /** The pooled output of a single text. */
        float[] pooled() {
            return runs.getFirst().pooled();
        }

        @Override
        public void close() {
            runs.forEach(OrtRun::close);
        }
    }
}
