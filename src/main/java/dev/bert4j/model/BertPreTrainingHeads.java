package dev.bert4j.model;

import dev.bert4j.BertConfig;

/**
 * The two heads that BERT is trained with at first: masked words and whether one text follows another. It computes
 * nothing itself; call each of the two.
 */
public final class BertPreTrainingHeads extends BertModule {
    private final BertLMPredictionHead predictions;
    private final Linear seqRelationship;

    /** Loads them; the decoder may share the word table of {@code embeddings}. */
    public BertPreTrainingHeads(ModelRuntime runtime, BertConfig config, ParameterScope scope,
            BertEmbeddings embeddings) {
        predictions = add("predictions",
                new BertLMPredictionHead(runtime, config, scope.at("predictions"), embeddings.wordEmbeddings()));
        seqRelationship = add("seq_relationship",
                Linear.head(scope.at("seq_relationship"), config.hiddenSize(), 2));
    }

    /** What scores the words, from the hidden states. */
    public BertLMPredictionHead predictions() {
        return predictions;
    }

    /** What scores the pair, from the pooled values. */
    public Linear seqRelationship() {
        return seqRelationship;
    }
}
