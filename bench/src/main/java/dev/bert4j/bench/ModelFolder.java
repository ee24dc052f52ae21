package dev.bert4j.bench;

import java.nio.file.Path;

/** The model that {@code make_model.py} makes. */
final class ModelFolder {
    /** Where it is: the property {@code bench.model}. */
    static final Path PATH = Path.of(System.getProperty("bench.model", "target/model"));

    /**
     * Which of the graphs ONNX Runtime runs where only one is asked for: the property {@code bench.graph}. By default
     * the one that was the faster of the two where both were tried, if by little.
     */
    static final String GRAPH = System.getProperty("bench.graph", "multihead.onnx");

    private ModelFolder() {
    }
}
