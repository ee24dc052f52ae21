package dev.bert4j.backend;

import java.util.List;

/**
 * The operations of one forward pass, with the memory that they work in.
 *
 * <p>A session serves one call at a time and is not thread-safe; sessions of one backend run side by side. What the
 * operations compute, to the last bit, is defined in the documentation of this package. Arguments are trusted: shapes
 * and indices are checked by the modules before.
 */
public interface Session extends AutoCloseable {
    /** Sums the lookups of each token, {@code (word + type) + position}. */
    Activation embed(EmbeddingTables tables, EmbeddingInput input);

    /** Layer normalisation of each token. */
    Activation layerNorm(Activation x, NormWeights norm);

    /** {@code f(x·Wᵀ + b)}. */
    Activation linear(Activation x, LinearWeights linear, ActivationFunction f);

    /**
     * {@code x·Wᵀ + b} for several weights, each with an output of its own: what {@link #linear(Activation,
     * LinearWeights, ActivationFunction)} gives for one after the other, perhaps sooner.
     *
     * @return the outputs in an array that may be the session's, and is used again in the next call of this method
     */
    default Activation[] linear(Activation x, LinearWeights[] weights) {
        Activation[] outputs = new Activation[weights.length];
        int made = 0;
        try {
            while (made < weights.length) {
                outputs[made] = linear(x, weights[made], ActivationFunction.LINEAR);
                made++;
            }
            return outputs;
        } finally {
            for (int i = 0; made < weights.length && i < made; i++) {
                outputs[i].close();
            }
        }
    }

    /** {@code LayerNorm(x·Wᵀ + b + residual)}. */
    Activation linearAddNorm(Activation x, LinearWeights linear, Activation residual, NormWeights norm);

    /**
     * {@code LayerNorm(f(x·Wᵀ + b)·Vᵀ + c + x)}, the feed-forward part of a layer: what {@link #linear(Activation,
     * LinearWeights, ActivationFunction)} and then {@link #linearAddNorm} give, perhaps without ever holding what lies
     * between them of all tokens.
     *
     * @param intermediate W and b
     * @param output V and c
     */
    default Activation feedForward(Activation x, LinearWeights intermediate, ActivationFunction f, LinearWeights output,
            NormWeights norm) {
        try (Activation inner = linear(x, intermediate, f)) {
            return linearAddNorm(inner, output, x, norm);
        }
    }

    /**
     * Multi-head attention of the queries of each text to its keys, {@code softmax(q·kᵀ/√d + mask)·v} for every head.
     *
     * @param k the keys, of the same texts but not always of as many tokens
     * @param v the values, as many as there are keys
     * @param probabilities null, or where to put the probabilities: for each text {@code [heads, length, keys]}
     */
    Activation attention(Activation q, Activation k, Activation v, AttentionSpec spec, float[] probabilities);

    /**
     * Keeps keys and values for later calls: those of each text behind those that are kept of it already.
     *
     * @param past what is kept of each text, of this or an earlier session, or null for nothing of any
     * @param starts where each text begins among the tokens of k and v, and at the end their number
     * @return for each text what was kept and its part of k and v
     */
    List<KeyValues> append(List<KeyValues> past, Activation k, Activation v, int[] starts);

    /**
     * As {@link #attention(Activation, Activation, Activation, AttentionSpec, float[])}, to keys and values that are
     * kept, one entry a text; the answer is the same.
     */
    Activation attention(Activation q, List<KeyValues> kept, AttentionSpec spec, float[] probabilities);

    /** The given tokens of x, in that order. */
    Activation gather(Activation x, int[] tokens);

    /** Brings {@code [tokens, features]} values, row by row, to the backend. */
    Activation upload(float[] rows, int tokens, int features);

    /** Brings the values of x to the host, row by row. */
    float[] download(Activation x);

    /** Gives the session back to its backend. */
    @Override
    void close();
}
