package dev.bert4j.bench;

import java.nio.file.Path;
import java.util.Random;

/** The model that {@code make_model.py} makes, and texts for it. */
final class ModelFolder {
    /** Where it is: the property {@code bench.model}. */
    static final Path PATH = Path.of(System.getProperty("bench.model", "target/model"));

    /**
     * Which of the graphs ONNX Runtime runs: the property {@code bench.graph}. By default the one that was the faster
     * of the two where both were tried, if by little.
     */
    static final String GRAPH = System.getProperty("bench.graph", "multihead.onnx");

    private static final int CLS = 101;
    private static final int SEP = 102;
    private static final int FIRST_WORD = 1000;
    private static final int VOCABULARY = 30522;

    private ModelFolder() {
    }

    /** A text of that many tokens, always the same: words drawn at random between the special tokens. */
    static int[] text(int tokens) {
        int[] ids = new Random(tokens).ints(tokens, FIRST_WORD, VOCABULARY).toArray();
        ids[0] = CLS;
        ids[tokens - 1] = SEP;
        return ids;
    }

    /**
     * Floating-point operations of a pass over one text: the products of the twelve layers and of the pooler, a
     * multiplication and an addition each. What is not a matrix product is not counted.
     */
    static double flops(int tokens) {
        double hidden = 768;
        double projections = 4 * hidden * hidden + 2 * hidden * 3072;
        double attention = 2 * tokens * hidden;
        return 2 * (12 * tokens * (projections + attention) + hidden * hidden);
    }
}
