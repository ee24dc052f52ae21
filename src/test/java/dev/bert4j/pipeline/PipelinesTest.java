package dev.bert4j.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import dev.bert4j.pipeline.QuestionAnsweringPipeline.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The factory, and the tasks that the reference has no answers for among the test resources. */
class PipelinesTest {
    private static final Path FOLDERS = Golden.resources().resolve("pipelines");
    private static final Path CLASSIFIER = FOLDERS.resolve("classify3");

    /** Models of natural language inference, as the names of their labels tell. */
    private static LoadOptions labels(String... names) throws IOException {
        BertConfig config = BertConfig.fromPretrained(CLASSIFIER);
        return LoadOptions.defaults().withConfig(config.with("id2label",
                Map.of("0", names[0], "1", names[1], "2", names[2])));
    }

    @Test
    void everyTaskIsThereByItsName() throws Exception {
        assertEquals(7, Pipelines.tasks().size());
        for (String task : Pipelines.tasks()) {
            // Weights that the folder lacks for the task are made; one task needs labels of its own.
            boolean zero = task.startsWith("zero");
            LoadOptions made = (zero ? labels("entailment", "neutral", "contradiction") : LoadOptions.defaults())
                    .withInitSeed(1);
            Path folder = zero ? CLASSIFIER : FOLDERS.resolve("features");
            try (Pipeline<?, ?, ?> pipeline = Pipelines.from(folder, made).of(task)) {
                String name = pipeline.getClass().getSimpleName().toLowerCase(Locale.ROOT);
                assertEquals(task.replace("-", "") + "pipeline", name);
            }
        }
        try (var ner = Pipelines.from(FOLDERS.resolve("tokens").toString()).of("ner");
                var sentiment = Pipelines.from(CLASSIFIER).of("sentiment-analysis")) {
            assertInstanceOf(TokenClassificationPipeline.class, ner);
            assertInstanceOf(TextClassificationPipeline.class, sentiment);
        }
        var unknown = assertThrows(IllegalArgumentException.class, () -> Pipelines.from(CLASSIFIER).of("translation"));
        assertTrue(unknown.getMessage().contains("'translation'") && unknown.getMessage().contains("fill-mask"));
    }

    @Test
    void aModelOfAnotherTaskIsRefused() {
        var thrown = assertThrows(IOException.class, () -> Pipelines.from(CLASSIFIER).fillMask());
        assertTrue(thrown.getMessage().contains("cls.predictions"), thrown.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Pipelines.from(CLASSIFIER).zeroShotClassification());
    }

    @Test
    void theFirstScoreOfNextSentenceIsThatOfAContinuation() throws Exception {
        LoadOptions made = LoadOptions.defaults().withInitSeed(3);
        try (NextSentencePipeline pipeline = Pipelines.from(FOLDERS.resolve("features"), made).nextSentence()) {
            TextPair pair = new TextPair("A dog chases a fox", "It was good.");
            float[] logits = pipeline.model().forward(BertInput.of(pipeline.tokenizer().encode(pair.text(),
                    pair.textPair()))).logits().data();
            double expected = 1 / (1 + Math.exp(logits[1] - logits[0]));
            var answer = pipeline.apply(List.of(pair, pair)).get(1);
            assertEquals(expected, answer.score(), 1e-6);
            assertEquals(expected >= 0.5, answer.isNext());
            assertThrows(IllegalArgumentException.class, () -> pipeline.apply(new TextPair("a", "")));
            assertThrows(IllegalArgumentException.class, () -> pipeline.apply(new TextPair("a ".repeat(600), "b"),
                    EncodeOptions.defaults()));
        }
    }

    @Test
    void zeroShotScoresEntailmentAmongTheLabels() throws Exception {
        ZeroShotOptions options = ZeroShotOptions.of("good", "dog", "New York")
                .withHypothesisTemplate("It is about {}.");
        try (var pipeline = Pipelines.from(CLASSIFIER, labels("contradiction", "ENTAILMENT", "neutral"))
                .zeroShotClassification()) {
            String text = "The dog was good";
            double[] powers = new double[3];
            double[] alone = new double[3];
            double sum = 0;
            for (int i = 0; i < 3; i++) {
                float[] logits = pipeline.model().forward(BertInput.of(pipeline.tokenizer().encode(text,
                        "It is about " + options.candidateLabels().get(i) + "."))).logits().data();
                powers[i] = Math.exp(logits[1]);
                alone[i] = 1 / (1 + Math.exp(logits[0] - logits[1]));
                sum += powers[i];
            }
            var single = pipeline.apply(List.of(text), options).getFirst();
            var several = pipeline.apply(text, options.withMultiLabel(true));
            assertEquals(text, single.sequence());
            assertEquals(Set.copyOf(options.candidateLabels()), Set.copyOf(single.labels()));
            for (int k = 0; k < 3; k++) {
                int i = options.candidateLabels().indexOf(single.labels().get(k));
                assertEquals(powers[i] / sum, single.scores().get(k), 1e-6);
                assertTrue(k == 0 || single.scores().get(k - 1) >= single.scores().get(k));
                int j = options.candidateLabels().indexOf(several.labels().get(k));
                assertEquals(alone[j], several.scores().get(k), 1e-6);
            }
            // A single label is scored against its contradiction, for it would have all of a softmax.
            var only = pipeline.apply(text, options.withCandidateLabels(List.of("dog")));
            assertEquals(alone[1], only.scores().getFirst(), 1e-6);
            assertEquals(3, pipeline.apply("word ".repeat(600), options).labels().size());
            assertThrows(IllegalArgumentException.class, () -> pipeline.apply(text));
            assertThrows(IllegalArgumentException.class, () -> options.withHypothesisTemplate("no place"));
        }
    }

    /** Where no label contradicts by its name, it is the one at the other end. */
    @Test
    void zeroShotFindsTheOppositeOfEntailment() throws Exception {
        ZeroShotOptions options = ZeroShotOptions.of("dog");
        try (var first = Pipelines.from(CLASSIFIER, labels("entailment", "x", "y")).zeroShotClassification();
                var last = Pipelines.from(CLASSIFIER, labels("x", "y", "entailment")).zeroShotClassification()) {
            // The same two logits, one the other way round.
            assertEquals(1, first.apply("good", options).scores().getFirst()
                    + last.apply("good", options).scores().getFirst(), 1e-6);
        }
    }

    @Test
    void questionsWithoutAnAnswer() throws Exception {
        try (var pipeline = Pipelines.from(FOLDERS.resolve("qa")).questionAnswering()) {
            assertEquals(List.of(), pipeline.apply("Who?", "  \u200b "));
            Answer none = pipeline.apply("Who?", "  ", QuestionAnsweringOptions.defaults()
                    .withHandleImpossibleAnswer(true)).getFirst();
            assertEquals("", none.answer());
            assertEquals(1, none.score());
            assertThrows(IllegalArgumentException.class, () -> pipeline.apply("Who?", null));
            var stride = assertThrows(IllegalArgumentException.class, () -> pipeline.apply("Who?", "I",
                    QuestionAnsweringOptions.defaults().withDocStride(200)));
            assertTrue(stride.getMessage().contains("docStride"), stride.getMessage());
            // More answers asked for than there are.
            assertEquals(List.of("John"), pipeline.apply("Who?", "John",
                    QuestionAnsweringOptions.defaults().withTopK(9)).stream().map(Answer::answer).toList());
        }
    }

    @Test
    void anEmptyTextHasNoEntities() throws Exception {
        try (var pipeline = Pipelines.from(FOLDERS.resolve("tokens")).tokenClassification()) {
            for (AggregationStrategy strategy : AggregationStrategy.values()) {
                assertEquals(List.of(), pipeline.apply("", TokenClassificationOptions.defaults()
                        .withAggregationStrategy(strategy)));
            }
        }
    }

    /** Labels are found wherever they stand in a long text, when there are windows. */
    @Test
    void aStrideReachesTheEndOfALongText() throws Exception {
        try (var pipeline = Pipelines.from(FOLDERS.resolve("tokens")).tokenClassification()) {
            String text = "John lives in New York. ".repeat(40);
            var simple = TokenClassificationOptions.defaults().withAggregationStrategy(AggregationStrategy.SIMPLE);
            List<TokenEntity> cut = pipeline.apply(text, simple);
            List<TokenEntity> all = pipeline.apply(text, simple.withStride(10));
            assertTrue(cut.getLast().end() < text.length() / 4, cut.getLast().toString());
            assertTrue(all.getLast().end() > text.length() - 30, all.getLast().toString());
            for (int i = 1; i < all.size(); i++) {
                assertTrue(all.get(i).start() >= all.get(i - 1).end());
            }
        }
    }

    /** A model that was trained to give numbers gives them as they are. */
    @Test
    void regressionIsNoProbability() throws Exception {
        BertConfig config = BertConfig.fromPretrained(CLASSIFIER);
        LoadOptions options = LoadOptions.defaults().withConfig(config.with("problem_type", "regression"));
        try (var pipeline = Pipelines.from(CLASSIFIER, options).textClassification()) {
            float[] logits = pipeline.model().forward(BertInput.of(pipeline.tokenizer().encode("It was good.")))
                    .logits().data();
            var best = pipeline.apply("It was good.").getFirst();
            float greatest = Math.max(logits[0], Math.max(logits[1], logits[2]));
            assertEquals(greatest, best.score());
        }
    }

    /** What stands behind B- is the name, dashes and all. */
    @Test
    void namesOfGroupsMayHaveDashes() throws Exception {
        Path folder = FOLDERS.resolve("tokens");
        BertConfig config = BertConfig.fromPretrained(folder);
        Map<String, Object> names = new LinkedHashMap<>();
        config.id2label().keySet().forEach(id -> names.put(id.toString(), id % 2 == 0 ? "B-work-of-art" : "I-work"));
        LoadOptions options = LoadOptions.defaults().withConfig(config.with("id2label", names).with("label2id", null));
        try (var pipeline = Pipelines.from(folder, options).tokenClassification()) {
            Set<String> groups = new TreeSet<>();
            for (String text : List.of("A dog chases a fox", "I live in New York, near the sea.", "one two three")) {
                pipeline.apply(text, TokenClassificationOptions.defaults()
                        .withAggregationStrategy(AggregationStrategy.SIMPLE))
                        .forEach(entity -> groups.add(entity.label()));
            }
            assertTrue(Set.of("work-of-art", "work").containsAll(groups) && groups.contains("work-of-art"),
                    groups.toString());
        }
    }
}
