package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.Tensor;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.EmbeddingInput;
import dev.bert4j.backend.EmbeddingTables;
import dev.bert4j.backend.Session;
import java.util.List;

/** {@code LayerNorm((word + type) + position)}, without the positions where the config has relative ones. */
public final class BertEmbeddings extends HiddenModule {
    private final Embedding wordEmbeddings;
    private final LayerNorm layerNorm;
    private final EmbeddingTables tables;

    /** Loads it. */
    public BertEmbeddings(ModelRuntime runtime, BertConfig config, ParameterScope scope) {
        super(runtime, config);
        visible(this);
        int features = config.hiddenSize();
        wordEmbeddings = add("word_embeddings",
                new Embedding(scope.at("word_embeddings"), config.vocabSize(), features, config.padTokenId()));
        Embedding position = add("position_embeddings",
                new Embedding(scope.at("position_embeddings"), config.maxPositionEmbeddings(), features, null));
        Embedding type = add("token_type_embeddings",
                new Embedding(scope.at("token_type_embeddings"), config.typeVocabSize(), features, null));
        layerNorm = add("LayerNorm", new LayerNorm(scope.at("LayerNorm"), config));
        add("dropout", new Dropout(config.hiddenDropoutProb()));
        // Relative positions take the place of these, though the table is still there.
        boolean absolute = config.positionEmbeddingType().equals("absolute");
        tables = new EmbeddingTables(wordEmbeddings.device(), type.device(), absolute ? position.device() : null,
                features);
    }

    /** The word table, which a head for masked words may share. */
    Embedding wordEmbeddings() {
        return wordEmbeddings;
    }

    /** The embeddings of a batch. */
    public Activation forward(Session session, EmbeddingInput input) {
        try (Activation sum = session.embed(tables, input)) {
            return shown(session, layerNorm.shown(session, session.layerNorm(sum, layerNorm.weights())));
        }
    }

    /** The embeddings [B, T, H] of an input; masks and wishes for outputs mean nothing here. */
    public Tensor forward(BertInput input) {
        return forward(input, 0);
    }

    /**
     * As {@link #forward(BertInput)}, default positions starting at {@code pastKeyValuesLength} and what the
     * input's {@code pastKeyValues} have seen.
     *
     * @throws IllegalArgumentException if a position would lie beyond the table
     */
    public Tensor forward(BertInput input, int pastKeyValuesLength) {
        Batch batch = Batch.of(config(), List.of(input));
        long first = (long) pastKeyValuesLength + InputChecks.past(input);
        long end = first + batch.length(0);
        int positions = config().maxPositionEmbeddings();
        if (pastKeyValuesLength < 0 || input.positionIds() == null && end > positions) {
            throw new IllegalArgumentException("Positions from " + first + " to " + (end - 1)
                    + " are not all in [0, " + positions + ") (max_position_embeddings).");
        }
        return runtime().call(batch.tokens(), session -> {
            try (Activation y = forward(session, batch.embeddingInput(pastKeyValuesLength))) {
                return batch.slice(session.download(y), 0, y.features());
            }
        });
    }
}
