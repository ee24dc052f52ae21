package dev.bert4j.bench;

import java.nio.file.Path;

/** The libraries that are compared. */
enum EngineName {
    BERT4J("bert4j"), ONNXRUNTIME("onnxruntime");

    private final String label;

    EngineName(String label) {
        this.label = label;
    }

    /** The name as options and tables have it. */
    String label() {
        return label;
    }

    static EngineName of(String label) {
        for (EngineName name : values()) {
            if (name.label.equals(label)) {
                return name;
            }
        }
        throw new IllegalArgumentException("There is no engine '" + label + "'; use bert4j or onnxruntime.");
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
