package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Session;

/** The head for masked words. */
public final class BertOnlyMLMHead extends HiddenModule {
    private final BertLMPredictionHead predictions;

    /** Loads it; the decoder may share the word table of {@code embeddings}. */
    public BertOnlyMLMHead(ModelRuntime runtime, BertConfig config, ParameterScope scope, BertEmbeddings embeddings) {
        super(runtime, config);
        visible(this);
        predictions = add("predictions",
                new BertLMPredictionHead(runtime, config, scope.at("predictions"), embeddings.wordEmbeddings()));
    }

    /** What scores the words. */
    public BertLMPredictionHead predictions() {
        return predictions;
    }

    /** The logits. */
    public Activation forward(Session session, Activation x) {
        return shown(session, predictions.forward(session, x));
    }

    /** The logits [B, T, V] of hidden states [B, T, H]. */
    public Tensor forward(Tensor x) {
        return onBackend(x, config().hiddenSize(), this::forward);
    }
}
