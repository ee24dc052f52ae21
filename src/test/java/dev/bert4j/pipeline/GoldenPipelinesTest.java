package dev.bert4j.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.EncodeOptions;
import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import dev.bert4j.Tensor;
import dev.bert4j.TruncationStrategy;
import dev.bert4j.pipeline.FillMaskPipeline.Prediction;
import dev.bert4j.pipeline.QuestionAnsweringPipeline.Answer;
import dev.bert4j.pipeline.TextClassificationPipeline.Classification;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the reference's pipelines: the same answers in the same order, and the same refusals. */
class GoldenPipelinesTest {
    /**
     * Of 1 + |value|: the reference states that its own scores are good to about 1e-5, for it computes in fp32 with
     * other sums; a wrong rule shows in the first digits.
     */
    private static final double TOLERANCE = 2e-5;

    private static int compared;

    /** What a refusal must speak of, by a part of what the reference says. */
    private static final Map<String, String> REFUSALS = Map.of("No mask_token", "[MASK]", "At least one target",
            "target", "`stride` was provided", "aggregation strategy", "`question` cannot be empty",
            "question is empty", "top_k parameter", "topK");

    static Stream<Arguments> rows() throws IOException {
        List<GoldenRow> rows = GoldenRow.all();
        return Golden.backends().stream().flatMap(backend -> rows.stream().map(row -> Arguments.of(backend, row)));
    }

    @AfterAll
    static void report() {
        System.out.printf(Locale.ROOT, "Golden pipelines: %d rows compared on %s, largest deviation %.2e of"
                + " 1 + |value|%n", compared, Golden.backends(), GoldenRow.largest());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void row(String backend, GoldenRow row) throws Exception {
        if (row.error() != null) {
            String subject = REFUSALS.entrySet().stream().filter(known -> row.error().contains(known.getKey()))
                    .map(Map.Entry::getValue).findFirst().orElseThrow(() -> new AssertionError("unknown: " + row));
            // Wrong options are refused when they are made, wrong inputs when they come.
            var refused = assertThrows(IllegalArgumentException.class, () -> check(backend, row), row.toString());
            assertTrue(refused.getMessage().contains(subject), row + ": " + refused.getMessage());
        } else {
            assertEquals(row.inputs().size(), row.outputs().size());
            check(backend, row);
        }
        compared++;
    }

    private static void check(String backend, GoldenRow row) throws IOException {
        Pipelines from = Pipelines.from(row.folder(), LoadOptions.defaults().withThreads(1).withBackend(backend));
        try (Pipeline<?, ?, ?> pipeline = from.of(row.task())) {
            switch (pipeline) {
                case FillMaskPipeline p -> fillMask(row, p);
                case TextClassificationPipeline p -> classify(row, p);
                case TokenClassificationPipeline p -> label(row, p);
                case QuestionAnsweringPipeline p -> answer(row, p);
                case FeatureExtractionPipeline p -> extract(row, p);
                default -> throw new AssertionError(row + ": no test for this task");
            }
        }
    }

    /** Compares lists entry by entry. */
    private static void each(String where, List<?> expected, int actual, IntFunction<String> what, Entry entry) {
        assertEquals(expected.size(), actual, where);
        for (int i = 0; i < actual; i++) {
            entry.compare((Map<?, ?>) expected.get(i), i, where + ", " + what.apply(i));
        }
    }

    @FunctionalInterface
    private interface Entry {
        void compare(Map<?, ?> expected, int index, String where);
    }

    private static void requireFields(Map<?, ?> expected, String where, String... names) {
        assertEquals(new HashSet<Object>(List.of(names)), new HashSet<Object>(expected.keySet()), where);
    }

    private static void fillMask(GoldenRow row, FillMaskPipeline pipeline) {
        row.requireKnown("top_k", "targets");
        FillMaskOptions options = FillMaskOptions.defaults();
        options = row.has("top_k") ? options.withTopK(row.integer("top_k")) : options;
        options = row.has("targets") ? options.withTargets(row.strings("targets")) : options;
        List<List<List<Prediction>>> actual = pipeline.apply(row.texts(), options);
        for (int i = 0; i < actual.size(); i++) {
            // The reference's list of one mask is that mask's list.
            List<?> output = (List<?>) row.outputs().get(i);
            List<?> masks = output.getFirst() instanceof List ? output : List.of(output);
            assertEquals(masks.size(), actual.get(i).size(), row.toString());
            for (int m = 0; m < masks.size(); m++) {
                List<Prediction> predictions = actual.get(i).get(m);
                each(row + ", input " + i + ", mask " + m, (List<?>) masks.get(m), predictions.size(),
                        k -> "prediction " + k, (expected, k, where) -> {
                            requireFields(expected, where, "score", "token", "token_str", "sequence");
                            Prediction got = predictions.get(k);
                            assertEquals(expected.get("token"), (long) got.token(), where);
                            assertEquals(expected.get("token_str"), got.tokenStr(), where);
                            assertEquals(expected.get("sequence"), got.sequence(), where);
                            row.near(expected.get("score"), got.score(), TOLERANCE, where);
                        });
            }
        }
    }

    private static void classify(GoldenRow row, TextClassificationPipeline pipeline) {
        row.requireKnown("top_k", "function_to_apply", "truncation", "max_length");
        TextClassificationOptions options = TextClassificationOptions.defaults();
        if (row.has("top_k")) {
            options = options.withTopK(row.get("top_k") == null ? TextClassificationOptions.ALL
                    : row.integer("top_k"));
        }
        if (row.has("function_to_apply")) {
            options = options.withFunctionToApply(ClassificationFunction.valueOf(
                    row.string("function_to_apply").toUpperCase(Locale.ROOT)));
        }
        options = options.withEncoding(encoding(row));
        List<List<Classification>> actual = row.inputs().getFirst() instanceof Map
                ? pipeline.pairs().apply(row.pairs(), options) : pipeline.apply(row.texts(), options);
        for (int i = 0; i < actual.size(); i++) {
            List<Classification> labels = actual.get(i);
            each(row + ", input " + i, list(row.outputs().get(i)), labels.size(), k -> "label " + k,
                    (expected, k, where) -> {
                        requireFields(expected, where, "label", "score");
                        assertEquals(expected.get("label"), labels.get(k).label(), where);
                        row.near(expected.get("score"), labels.get(k).score(), TOLERANCE, where);
                    });
        }
    }

    private static EncodeOptions encoding(GoldenRow row) {
        EncodeOptions options = row.flag("truncation")
                ? EncodeOptions.defaults().withTruncation(TruncationStrategy.LONGEST_FIRST) : EncodeOptions.defaults();
        return row.has("max_length") ? options.withMaxLength(row.integer("max_length")) : options;
    }

    private static void label(GoldenRow row, TokenClassificationPipeline pipeline) {
        row.requireKnown("aggregation_strategy", "ignore_labels", "stride");
        var defaults = TokenClassificationOptions.defaults();
        String strategy = row.string("aggregation_strategy").toUpperCase(Locale.ROOT);
        var options = new TokenClassificationOptions(AggregationStrategy.valueOf(strategy),
                row.has("ignore_labels") ? new HashSet<>(row.strings("ignore_labels")) : defaults.ignoreLabels(),
                row.has("stride") ? row.integer("stride") : defaults.stride());
        boolean grouped = options.aggregationStrategy() != AggregationStrategy.NONE;
        List<List<TokenEntity>> actual = pipeline.apply(row.texts(), options);
        for (int i = 0; i < actual.size(); i++) {
            String text = row.texts().get(i);
            List<TokenEntity> entities = actual.get(i);
            each(row + ", input " + i, list(row.outputs().get(i)), entities.size(), k -> "entity " + k,
                    (expected, k, where) -> {
                        TokenEntity got = entities.get(k);
                        if (grouped) {
                            requireFields(expected, where, "entity_group", "score", "word", "start", "end");
                            assertEquals(expected.get("entity_group"), got.entityGroup(), where);
                        } else {
                            requireFields(expected, where, "entity", "score", "index", "word", "start", "end");
                            assertEquals(expected.get("entity"), got.entity(), where);
                            assertEquals(expected.get("index"), (long) got.index(), where);
                        }
                        assertEquals(expected.get("word"), got.word(), where);
                        row.near(expected.get("score"), got.score(), TOLERANCE, where);
                        place(expected, text, new int[] {got.start(), got.end(), got.start16(), got.end16()}, where);
                    });
        }
    }

    private static void answer(GoldenRow row, QuestionAnsweringPipeline pipeline) {
        row.requireKnown("top_k", "max_answer_len", "max_seq_len", "doc_stride", "handle_impossible_answer",
                "align_to_words", "padding");
        var defaults = QuestionAnsweringOptions.defaults();
        // Padding changes no answer; there is none here.
        var options = new QuestionAnsweringOptions(integer(row, "top_k", defaults.topK()),
                integer(row, "max_answer_len", defaults.maxAnswerLen()),
                integer(row, "max_seq_len", defaults.maxSeqLen()), integer(row, "doc_stride", defaults.docStride()),
                row.flag("handle_impossible_answer"), !row.has("align_to_words") || row.flag("align_to_words"));
        List<Question> questions = row.inputs().stream().map(input -> (List<?>) input)
                .map(pair -> new Question((String) pair.get(0), (String) pair.get(1))).toList();
        List<List<Answer>> actual = pipeline.apply(questions, options);
        for (int i = 0; i < actual.size(); i++) {
            String context = questions.get(i).context();
            List<Answer> answers = actual.get(i);
            each(row + ", input " + i, list(row.outputs().get(i)), answers.size(), k -> "answer " + k,
                    (expected, k, where) -> {
                        requireFields(expected, where, "score", "start", "end", "answer");
                        Answer got = answers.get(k);
                        assertEquals(expected.get("answer"), got.answer(), where);
                        row.near(expected.get("score"), got.score(), TOLERANCE, where);
                        place(expected, context, new int[] {got.start(), got.end(), got.start16(), got.end16()},
                                where);
                    });
        }
    }

    private static int integer(GoldenRow row, String name, int otherwise) {
        return row.has(name) ? row.integer(name) : otherwise;
    }

    private static void place(Map<?, ?> expected, String text, int[] actual, String where) {
        int start = Math.toIntExact((Long) expected.get("start"));
        int end = Math.toIntExact((Long) expected.get("end"));
        assertEquals(List.of(start, end, text.offsetByCodePoints(0, start), text.offsetByCodePoints(0, end)),
                List.of(actual[0], actual[1], actual[2], actual[3]), where);
    }

    private static void extract(GoldenRow row, FeatureExtractionPipeline pipeline) {
        row.requireKnown("truncation");
        List<Tensor> actual = pipeline.apply(row.texts(), encoding(row));
        for (int i = 0; i < actual.size(); i++) {
            String where = row + ", input " + i;
            List<?> tokens = (List<?>) ((List<?>) row.outputs().get(i)).getFirst();
            Tensor states = actual.get(i);
            assertEquals(List.of(1, tokens.size(), ((List<?>) tokens.getFirst()).size()),
                    List.of(states.size(0), states.size(1), states.size(2)), where);
            for (int t = 0; t < tokens.size(); t++) {
                for (int f = 0; f < states.size(2); f++) {
                    row.near(((List<?>) tokens.get(t)).get(f), states.get(0, t, f), TOLERANCE,
                            "input " + i + ", token " + t + ", feature " + f);
                }
            }
        }
    }

    /** The reference's list of one is that one. */
    private static List<?> list(Object output) {
        return output instanceof List<?> list ? list : List.of(output);
    }
}
