package dev.bert4j;

import dev.bert4j.backend.ActivationFunction;

/** What must hold of a config before a model is made of it: every key is read once, so that none is wrong later. */
final class ConfigChecks {
    private ConfigChecks() {
    }

    /** Throws an IllegalArgumentException that says which key has a value that it cannot have. */
    static void check(BertConfig config, ConfigValues values) {
        if (config.hiddenSize() % config.numAttentionHeads() != 0) {
            throw new IllegalArgumentException(values.source() + ": the hidden size (" + config.hiddenSize()
                    + ") is not a multiple of the number of attention heads (" + config.numAttentionHeads() + ").");
        }
        config.vocabSize();
        config.numHiddenLayers();
        config.intermediateSize();
        config.maxPositionEmbeddings();
        config.typeVocabSize();
        config.chunkSizeFeedForward();
        config.padTokenId();
        config.initializerRange();
        config.hiddenDropoutProb();
        config.attentionProbsDropoutProb();
        config.classifierDropout();
        config.tieWordEmbeddings();
        if (!(config.layerNormEps() >= 0)) {
            throw values.wrong("layer_norm_eps", "a number of at least 0");
        }
        String act = values.string("hidden_act", "gelu");
        try {
            ActivationFunction.of(act);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(values.source() + ": " + e.getMessage(), e);
        }
        config.positionEmbeddingType();
        config.useCache();
        config.eosTokenIds();
        boolean decoder = config.isDecoder();
        if (config.addCrossAttention() && !decoder) {
            throw values.wrong("add_cross_attention", "false where is_decoder is false: only a decoder can have it");
        }
        PrunedHeads.check(values, config.numHiddenLayers(), config.numAttentionHeads());
        if (values.get("model_type") != null && !"bert".equals(values.get("model_type"))) {
            throw values.wrong("model_type", "bert; other architectures need their own code");
        }
    }
}
