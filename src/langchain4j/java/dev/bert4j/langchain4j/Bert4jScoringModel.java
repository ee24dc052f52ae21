package dev.bert4j.langchain4j;

import dev.bert4j.LoadOptions;
import dev.bert4j.sentence.CrossEncoder;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * LangChain4j's scores from a {@link CrossEncoder}, with its bits: how well texts answer a query. Thread-safe.
 *
 * <pre>{@code
 * try (var model = Bert4jScoringModel.fromPretrained(Path.of("ms-marco-MiniLM-L-6-v2"))) {
 *     ContentAggregator aggregator = ReRankingContentAggregator.builder().scoringModel(model).maxResults(3).build();
 * }
 * }</pre>
 *
 * <p>The token usage of an answer is what the model saw: the query counts with each text, special tokens count, and
 * what was cut off does not.
 */
public final class Bert4jScoringModel implements ScoringModel, AutoCloseable {
    private final CrossEncoder encoder;
    private final boolean ownsEncoder;

    private Bert4jScoringModel(CrossEncoder encoder, boolean ownsEncoder) {
        if (encoder.numLabels() != 1) {
            throw new IllegalArgumentException("A model of " + encoder.numLabels() + " labels cannot score a text; it"
                    + " takes one of one.");
        }
        this.encoder = encoder;
        this.ownsEncoder = ownsEncoder;
    }

    /**
     * Makes one of an encoder, which stays the caller's to close.
     *
     * @throws IllegalArgumentException if its model has several labels
     */
    public static Bert4jScoringModel of(CrossEncoder encoder) {
        return new Bert4jScoringModel(encoder, false);
    }

    /**
     * Opens a folder.
     *
     * @throws IOException if a file is missing or damaged, or its config names a function that is not supported
     * @throws IllegalArgumentException if its model has several labels
     */
    public static Bert4jScoringModel fromPretrained(Path folder) throws IOException {
        return owning(CrossEncoder.fromPretrained(folder));
    }

    /** As {@link #fromPretrained(Path)}, for a folder or a model of the hub by its name. */
    public static Bert4jScoringModel fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return owning(CrossEncoder.fromPretrained(nameOrFolder, options));
    }

    private static Bert4jScoringModel owning(CrossEncoder encoder) {
        try {
            return new Bert4jScoringModel(encoder, true);
        } catch (IllegalArgumentException e) {
            encoder.close();
            throw e;
        }
    }

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        List<CrossEncoder.Pair> pairs = segments.stream().map(segment -> new CrossEncoder.Pair(query, segment.text()))
                .toList();
        List<Double> scores = Arrays.stream(encoder.predict(pairs)).map(score -> (double) score[0]).toList();
        return Response.from(scores, new TokenUsage(pairs.stream().mapToInt(encoder::tokenCount).sum()));
    }

    /** Closes the encoder if it was opened here. */
    @Override
    public void close() {
        if (ownsEncoder) {
            encoder.close();
        }
    }
}
