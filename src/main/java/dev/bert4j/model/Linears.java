package dev.bert4j.model;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.Session;

/** Linear layers with one input, which a backend may compute together. */
final class Linears {
    private final Linear[] layers;
    private final LinearWeights[] weights;

    Linears(Linear... layers) {
        this.layers = layers;
        weights = new LinearWeights[layers.length];
        for (int i = 0; i < layers.length; i++) {
            weights[i] = layers[i].weights();
        }
    }

    /** The output of each layer, shown to its hooks. */
    Outputs forward(Session session, Activation x) {
        Activation[] outputs = unseen(session, x).all();
        int shown = 0;
        try {
            while (shown < layers.length) {
                layers[shown].shown(session, outputs[shown]);
                shown++;
            }
            return new Outputs(outputs);
        } finally {
            // Where a hook fails, what it was shown is closed already, and memory must not be given back twice.
            for (int i = 0; shown < layers.length && i < layers.length; i++) {
                if (i != shown) {
                    outputs[i].close();
                }
            }
        }
    }

    /** The output of each layer, which hooks do not see. */
    Outputs unseen(Session session, Activation x) {
        return new Outputs(session.linear(x, weights));
    }

    /** What they computed, in their order. */
    record Outputs(Activation[] all) implements AutoCloseable {
        Activation get(int layer) {
            return all[layer];
        }

        @Override
        public void close() {
            for (Activation output : all) {
                output.close();
            }
        }
    }
}
