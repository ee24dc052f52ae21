package dev.bert4j.bench;

import java.nio.file.Path;
import java.util.Locale;

/** The libraries that are compared. */
enum EngineName {
    BERT4J, ONNXRUNTIME;

    /** The name as options and tables have it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The file of the weights in the model folder, which the process may map. */
    Path weights() {
        return ModelFolder.PATH.resolve(this == BERT4J ? "model.safetensors" : ModelFolder.GRAPH + ".data");
    }

    /** Opens the model of {@link ModelFolder} on that many threads. */
    Engine open(int threads) {
        return this == BERT4J ? new Bert4j(ModelFolder.PATH, threads)
                : new OrtBert(ModelFolder.PATH.resolve(ModelFolder.GRAPH), threads, true);
    }
}
