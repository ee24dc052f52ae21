package dev.bert4j.model;

import dev.bert4j.backend.Activation;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.Session;
import java.util.Arrays;

/** Linear layers with one input, which a backend may compute together. */
final class Linears {
    private final Linear[] layers;
    private final LinearWeights[] weights;

    Linears(Linear... layers) {
        this.layers = layers;
        weights = Arrays.stream(layers).map(Linear::weights).toArray(LinearWeights[]::new);
    }

    /** The output of each layer, shown to its hooks. */
    Outputs forward(Session session, Activation x) {
        Outputs outputs = new Outputs(session.linear(x, weights));
        try {
            for (int i = 0; i < layers.length; i++) {
                layers[i].shown(session, outputs.get(i));
            }
            return outputs;
        } catch (Throwable e) {
            outputs.close();
            throw e;
        }
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
