package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Session;

/**
 * Scores every word of the vocabulary. The decoder is the word table itself where the config ties them, whatever the
 * file has beside it.
 */
public final class BertLMPredictionHead extends HiddenModule {
    private final BertPredictionHeadTransform transform;
    private final Linear decoder;

    /** Loads it; {@code words} is the table that a tied decoder shares. */
    BertLMPredictionHead(ModelRuntime runtime, BertConfig config, ParameterScope scope, Embedding words) {
        super(runtime, config);
        visible(this);
        transform = add("transform", new BertPredictionHeadTransform(runtime, config, scope.at("transform")));
        int vocabulary = config.vocabSize();
        ParameterScope decoderScope = scope.at("decoder");
        LoadedParameter weight;
        if (config.tieWordEmbeddings()) {
            weight = words.weight();
            decoderScope.ignore("weight");
        } else {
            weight = decoderScope.parameter("weight", vocabulary, config.hiddenSize());
        }
        LoadedParameter bias = bias(scope, decoderScope, vocabulary);
        addParameter("bias", bias.tensor());
        decoder = add("decoder", visible(new Linear(weight, bias, config.hiddenSize(), vocabulary)));
    }

    /**
     * The bias of the decoder is one parameter of two names; where a file holds both, the decoder's was written last.
     */
    private static LoadedParameter bias(ParameterScope scope, ParameterScope decoderScope, int vocabulary) {
        if (!decoderScope.has("bias")) {
            return scope.parameter("bias", vocabulary);
        }
        if (scope.has("bias")) {
            scope.ignore("bias");
        } else {
            scope.replaced("bias");
        }
        return decoderScope.parameter("bias", vocabulary);
    }

    /** The transform before the decoder. */
    public BertPredictionHeadTransform transform() {
        return transform;
    }

    /** The logits. */
    public Activation forward(Session session, Activation x) {
        try (Activation y = transform.forward(session, x)) {
            return shown(session, decoder.forward(session, y));
        }
    }

    /** The logits [B, T, V] of hidden states [B, T, H]. */
    public Tensor forward(Tensor x) {
        return onBackend(x, config().hiddenSize(), this::forward);
    }
}
