package dev.bert4j.bench;

import dev.bert4j.BaseModelOutputWithPoolingAndCrossAttentions;
import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.LoadOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** This library, called as its users call it: ids in, hidden states and pooled output on the Java heap out. */
final class Bert4j implements Engine {
    private final BertModel model;

    Bert4j(Path folder, int threads) {
        try {
            model = BertModel.fromPretrained(folder, LoadOptions.defaults().withThreads(threads));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String description() {
        return "bert4j: " + model.backend().description();
    }

    @Override
    public Call prepare(int[] ids) {
        return new Forward(model, BertInput.of(ids));
    }

    @Override
    public void close() {
        model.close();
    }

    private static final class Forward implements Call {
        private final BertModel model;
        private final BertInput input;
        private BaseModelOutputWithPoolingAndCrossAttentions output;

        Forward(BertModel model, BertInput input) {
            this.model = model;
            this.input = input;
        }

        @Override
        public Object run() {
            output = model.forward(input);
            return output;
        }

        @Override
        public float[] lastHiddenState() {
            return output.lastHiddenState().data();
        }

        @Override
        public float[] poolerOutput() {
            return output.poolerOutput().data();
        }

        @Override
        public void close() {
            output = null;
        }
    }
}
