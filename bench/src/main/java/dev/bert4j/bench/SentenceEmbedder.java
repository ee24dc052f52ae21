package dev.bert4j.bench;

import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.LoadOptions;
import dev.bert4j.TokenIds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Text to a vector as all-MiniLM-L6-v2 wants it: the mean over all tokens' hidden states, of length 1. */
final class SentenceEmbedder implements AutoCloseable {
    private final TokenIds tokenizer;
    private final BertModel model;
    private final int[] ids = new int[4096];

    SentenceEmbedder(Path folder, int threads) throws IOException {
        tokenizer = BertTokenizer.fromPretrained(folder).tokenIds();
        model = BertModel.fromPretrained(folder, LoadOptions.defaults().withThreads(threads).withoutPoolingLayer());
    }

    /** How many tokens a text has. */
    int tokens(String text) {
        return tokenizer.encode(text, ids, 0);
    }

    float[] embed(String text) {
        int tokens = tokens(text);
        float[] hidden = model.forward(BertInput.of(Arrays.copyOf(ids, tokens))).lastHiddenState().data();
        float[] mean = new float[hidden.length / tokens];
        for (int i = 0; i < hidden.length; i++) {
            mean[i % mean.length] += hidden[i];
        }
        double square = 0;
        for (float value : mean) {
            square += (double) value * value;
        }
        float scale = (float) (1 / Math.sqrt(square));
        for (int i = 0; i < mean.length; i++) {
            mean[i] *= scale;
        }
        return mean;
    }

    @Override
    public void close() {
        model.close();
    }
}
