package dev.bert4j.bench;

import dev.bert4j.BaseModelOutputWithPoolingAndCrossAttentions;
import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.LoadOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * This library, called as its users call it: ids in, hidden states and pooled output on the Java heap out, texts of
 * different lengths in one call without padding.
 */
final class Bert4j implements Engine {
    static final String NAME = "bert4j";

    private final BertModel model;

    Bert4j(Path folder, int threads) {
        this(folder, threads, null);
    }

    /** On that backend; null for the default. */
    Bert4j(Path folder, int threads, String backend) {
        try {
            model = BertModel.fromPretrained(folder, LoadOptions.defaults().withThreads(threads)
                    .withBackend(backend));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "bert4j: " + model.backend().description();
    }

    @Override
    public Forward prepare(List<int[]> texts, int[][] batches) {
        if (texts.stream().mapToInt(ids -> ids.length).distinct().count() == 1) {
            return new Forward(model, List.of(BertInput.of(texts.toArray(int[][]::new))));
        }
        return new Forward(model, texts.stream().map(BertInput::of).toList());
    }

    @Override
    public void close() {
        model.close();
    }

    /** A pass, and what came of the last. */
    static final class Forward implements LocalCall {
        private final BertModel model;
        private final List<BertInput> inputs;
        private List<BaseModelOutputWithPoolingAndCrossAttentions> outputs;

        private Forward(BertModel model, List<BertInput> inputs) {
            this.model = model;
            this.inputs = inputs;
        }

        @Override
        public Object run() {
            outputs = model.forward(inputs);
            return outputs;
        }

        @Override
        public float[] values() {
            return joined(outputs.stream().map(output -> output.lastHiddenState().data()).toList());
        }

        /** The pooled output of all texts. */
        float[] pooled() {
            return joined(outputs.stream().map(output -> output.poolerOutput().data()).toList());
        }

        static float[] joined(List<float[]> parts) {
            float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
            int at = 0;
            for (float[] part : parts) {
                System.arraycopy(part, 0, all, at, part.length);
                at += part.length;
            }
            return all;
        }
    }
}
