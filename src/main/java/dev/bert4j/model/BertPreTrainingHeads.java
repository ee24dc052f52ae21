package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.Tensor;

/** The two heads that BERT is trained with at first: masked words, and whether one text follows another. */
public final class BertPreTrainingHeads extends HiddenModule {
    private final BertLMPredictionHead predictions;
    private final Linear seqRelationship;

    /** Loads them; the decoder may share the word table of {@code embeddings}. */
    public BertPreTrainingHeads(ModelRuntime runtime, BertConfig config, ParameterScope scope,
            BertEmbeddings embeddings) {
        super(runtime, config);
        predictions = add("predictions",
                new BertLMPredictionHead(runtime, config, scope.at("predictions"), embeddings.wordEmbeddings()));
        seqRelationship = add("seq_relationship",
                Linear.head(scope.at("seq_relationship"), config.hiddenSize(), 2));
    }

    /**
     * What both heads answer.
     *
     * @param predictionScores [B, T, V]
     * @param seqRelationshipScore [B, 2]
     */
    public record Scores(Tensor predictionScores, Tensor seqRelationshipScore) {
    }

    /** What scores the words, from the hidden states. */
    public BertLMPredictionHead predictions() {
        return predictions;
    }

    /** What scores the pair, from the pooled values. */
    public Linear seqRelationship() {
        return seqRelationship;
    }

    /** The scores of hidden states [B, T, H] and pooled values [B, H]. */
    public Scores forward(Tensor x, Tensor pooled) {
        return new Scores(predictions.forward(x), onPooled(pooled, config().hiddenSize(), seqRelationship::forward));
    }
}
