package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.Session;

/** {@code tanh(dense(h))} of the first token of every text. */
public final class BertPooler extends HiddenModule {
    private final Linear dense;
    private final ActivationModule activation;

    /** Loads it. */
    public BertPooler(ModelRuntime runtime, BertConfig config, ParameterScope scope) {
        super(runtime, config);
        visible(this);
        dense = add("dense", new Linear(scope.at("dense"), config.hiddenSize(), config.hiddenSize()));
        activation = add("activation", new ActivationModule(ActivationFunction.TANH));
    }

    /** The pooled values, one row for each of the tokens given. */
    public Activation forward(Session session, Activation x, int[] firstTokens) {
        try (Activation first = session.gather(x, firstTokens)) {
            return forward(session, first);
        }
    }

    /** The pooled values of first tokens, one row for each. */
    public Activation forward(Session session, Activation first) {
        Activation y = session.linear(first, dense.weights(), activation.function());
        return shown(session, activation.shown(session, y));
    }

    /** The pooled values [B, H] of hidden states [B, T, H]. */
    public Tensor forward(Tensor x) {
        InputChecks.hiddenStates(config(), x, "The input of BertPooler");
        int texts = x.size(0);
        if (texts == 0 || x.size(1) == 0) {
            throw new IllegalArgumentException("There must be at least one text, and a text must have at least one"
                    + " token.");
        }
        int[] firstTokens = new int[texts];
        for (int text = 0; text < texts; text++) {
            firstTokens[text] = text * x.size(1);
        }
        return runtime().call(texts * x.size(1), session -> {
            try (Activation in = session.upload(x.data(), texts * x.size(1), x.size(2));
                    Activation y = forward(session, in, firstTokens)) {
                return Tensor.of(session.download(y), texts, y.features());
            }
        });
    }
}
