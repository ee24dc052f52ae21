package dev.bert4j.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bert4j.BertTokenizer;
import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import dev.bert4j.sentence.CrossEncoder;
import dev.bert4j.sentence.CrossEncoder.Ranked;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.aggregator.ReRankingContentAggregator;
import dev.langchain4j.rag.query.Query;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** LangChain4j gets the scores of the cross-encoder, and its re-ranking the order. */
class Bert4jScoringModelTest {
    private static final Path FOLDERS = Golden.resources().resolve("sentence");
    private static final Path FOLDER = FOLDERS.resolve("cross1");
    private static final String QUERY = "Who wrote the book?";
    private static final List<String> TEXTS = List.of("A dog chases a fox", "Anna wrote it", "one two three",
            "The war was long. ".repeat(60), "She lives in New York", "A book");

    private static List<TextSegment> segments() {
        return TEXTS.stream().map(TextSegment::from).toList();
    }

    @Test
    void scoresAreThoseOfTheEncoder() throws Exception {
        try (var encoder = CrossEncoder.fromPretrained(FOLDER);
                var model = Bert4jScoringModel.fromPretrained(FOLDER)) {
            List<Double> scores = model.scoreAll(segments(), QUERY).content();
            for (int i = 0; i < TEXTS.size(); i++) {
                assertEquals(encoder.predict(QUERY, TEXTS.get(i))[0], scores.get(i));
            }
            List<Integer> order = IntStream.range(0, TEXTS.size()).boxed()
                    .sorted(Comparator.comparing((Integer i) -> -scores.get(i))).toList();
            assertEquals(encoder.rank(QUERY, TEXTS).stream().map(Ranked::corpusId).toList(), order);
            assertEquals(scores.get(1), model.score(TEXTS.get(1), QUERY).content());
            assertEquals(List.of(), model.scoreAll(List.of(), QUERY).content());
        }
    }

    @Test
    void theAggregatorPutsTheBestFirst() throws Exception {
        try (var encoder = CrossEncoder.fromPretrained(FOLDER); var model = Bert4jScoringModel.of(encoder)) {
            Map<Query, Collection<List<Content>>> contents = Map.of(Query.from(QUERY),
                    List.of(segments().stream().map(Content::from).toList()));
            List<Content> best = ReRankingContentAggregator.builder().scoringModel(model).maxResults(3).build()
                    .aggregate(contents);
            assertEquals(encoder.rank(QUERY, TEXTS).stream().limit(3).map(Ranked::text).toList(),
                    best.stream().map(content -> content.textSegment().text()).toList());
        }
    }

    @Test
    void theQueryCountsWithEachText() throws Exception {
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(FOLDER);
        try (var model = Bert4jScoringModel.fromPretrained(FOLDER.toString(), LoadOptions.defaults())) {
            int tokens = tokenizer.encode(QUERY, TEXTS.get(0)).size() + tokenizer.encode(QUERY, TEXTS.get(1)).size();
            assertEquals(tokens, model.scoreAll(segments().subList(0, 2), QUERY).tokenUsage().inputTokenCount());
        }
    }

    @Test
    void aModelOfSeveralLabelsIsRefused() throws Exception {
        assertEquals("A model of 3 labels cannot score a text; it takes one of one.",
                assertThrows(IllegalArgumentException.class,
                        () -> Bert4jScoringModel.fromPretrained(FOLDERS.resolve("cross3"))).getMessage());
    }

    @Test
    void anEncoderThatWasGivenStaysOpen() throws Exception {
        try (var encoder = CrossEncoder.fromPretrained(FOLDER)) {
            Bert4jScoringModel.of(encoder).close();
            encoder.predict("a", "b");
        }
        var owner = Bert4jScoringModel.fromPretrained(FOLDER);
        owner.close();
        assertThrows(IllegalStateException.class, () -> owner.score("a", "b"));
    }
}
