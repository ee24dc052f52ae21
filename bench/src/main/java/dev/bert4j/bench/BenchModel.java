package dev.bert4j.bench;

import dev.bert4j.BertConfig;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A checkpoint that is measured, and what a pass through it takes by arithmetic.
 *
 * @param name its name in rows: {@code base} or {@code minilm}
 * @param folder where config.json and model.safetensors are
 * @param config its shape
 */
record BenchModel(String name, Path folder, BertConfig config) {
    static BenchModel of(String name, Path folder) throws IOException {
        return new BenchModel(name, folder, BertConfig.fromPretrained(folder));
    }

    int hidden() {
        return config.hiddenSize();
    }

    /**
     * Floating-point operations of a pass: the products of the layers and of the pooler, a multiplication and an
     * addition each. What is not a matrix product is not counted, and neither is padding, which nobody asked for.
     */
    double flops(int... lengths) {
        double hidden = hidden();
        double projections = 4 * hidden * hidden + 2 * hidden * config.intermediateSize();
        double sum = 0;
        for (int tokens : lengths) {
            double attention = 2 * tokens * hidden;
            sum += config.numHiddenLayers() * tokens * (projections + attention) + hidden * hidden;
        }
        return 2 * sum;
    }

    /** Bytes of the layers' parameters, each of which a pass over a single text has to read at least once. */
    double layerBytes() {
        double hidden = hidden();
        double inner = config.intermediateSize();
        double matrices = 4 * hidden * hidden + 2 * hidden * inner;
        double vectors = 9 * hidden + inner;
        return Float.BYTES * config.numHiddenLayers() * (matrices + vectors);
    }
}
