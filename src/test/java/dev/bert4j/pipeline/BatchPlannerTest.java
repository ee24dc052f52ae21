package dev.bert4j.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.Golden;
import dev.bert4j.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Batches hold as many tokens as they may, and neither order nor bits depend on them. */
class BatchPlannerTest {
    private static final Path FOLDER = Golden.resources().resolve("pipelines").resolve("features");

    private final List<List<Integer>> runs = new ArrayList<>();

    /** A model that says of a window how long it is. */
    private List<Tensor> run(List<Encoding> windows) {
        runs.add(windows.stream().map(Encoding::size).toList());
        return windows.stream().map(window -> Tensor.of(new float[] {window.size()})).toList();
    }


    /** An input is a list of the lengths of its windows. */
    private static Function<List<Integer>, List<Encoding>> encoder() throws Exception {
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(FOLDER);
        return lengths -> lengths.stream().map(n -> tokenizer.encode("a ".repeat(n), null, false)).toList();
    }

    private List<List<Integer>> answers(int most, Stream<List<Integer>> inputs) throws Exception {
        return inputs.gather(new BatchPlanner<>(most, encoder(), this::run).gatherer())
                .map(done -> done.outputs().stream().map(output -> (int) output.item()).toList()).toList();
    }

    @Test
    void asManyAsFit() throws Exception {
        assertEquals(List.of(List.of(3), List.of(4), List.of(4), List.of(9), List.of(1)),
                answers(8, Stream.of(List.of(3), List.of(4), List.of(4), List.of(9), List.of(1))));
        assertEquals(List.of(List.of(3, 4), List.of(4), List.of(9), List.of(1)), runs);
    }

    @Test
    void theWindowsOfOneInputCanTakeSeveralRuns() throws Exception {
        assertEquals(List.of(List.of(2), List.of(5, 5, 5), List.of(), List.of(1, 1)),
                answers(10, Stream.of(List.of(2), List.of(5, 5, 5), List.of(), List.of(1, 1))));
        assertEquals(List.of(List.of(2), List.of(5, 5), List.of(5), List.of(1, 1)), runs);
    }

    @Test
    void inputsWithoutWindowsHaveTheirAnswersToo() throws Exception {
        assertEquals(List.of(List.of(), List.of()), answers(10, Stream.of(List.of(), List.of())));
    }

    @Test
    void randomInputsKeepOrderAndLimit() throws Exception {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            runs.clear();
            int most = 1 + random.nextInt(30);
            List<List<Integer>> inputs = IntStream.range(0, random.nextInt(20)).mapToObj(i ->
                    IntStream.range(0, random.nextInt(4)).mapToObj(k -> 1 + random.nextInt(12)).toList()).toList();
            assertEquals(inputs, answers(most, inputs.stream()));
            for (List<Integer> run : runs) {
                assertTrue(run.size() == 1 || run.stream().mapToInt(n -> n).sum() <= most, run + " of " + most);
            }
        }
    }

    /** Whoever takes the first answer pays for one batch, and a stream without an end is no trouble. */
    @Test
    void aStreamIsReadAsItsAnswersAreTaken() throws Exception {
        List<List<Integer>> some = Stream.iterate(1, i -> i + 1).map(i -> List.of(5))
                .gather(new BatchPlanner<>(10, encoder(), this::run).gatherer())
                .map(done -> done.outputs().stream().map(output -> (int) output.item()).toList()).limit(3).toList();
        assertEquals(3, some.size());
        assertEquals(2, runs.size());
    }

    @Test
    void whatNobodyWantsIsNotRun() throws Exception {
        long count = Stream.of(List.of(4), List.of(4), List.of(4), List.of(4))
                .gather(new BatchPlanner<>(10, encoder(), this::run).gatherer()).limit(1).map(done -> done.input())
                .peek(input -> assertEquals(List.of(4), input)).toList().size();
        assertEquals(1, count);
        assertEquals(List.of(List.of(4, 4)), runs);
    }

    @Test
    void anErrorSaysWhichInputItWas() throws Exception {
        try (FeatureExtractionPipeline pipeline = Pipelines.from(FOLDER).featureExtraction()) {
            var texts = List.of("a", "b", "a ".repeat(900));
            var thrown = assertThrows(IllegalArgumentException.class, () -> pipeline.apply(texts));
            assertTrue(thrown.getMessage().startsWith("Input 2: The text has 902 tokens"), thrown.getMessage());
            List<Tensor> before = new ArrayList<>();
            assertThrows(IllegalArgumentException.class, () -> pipeline.apply(texts.stream()).forEach(before::add));
            assertEquals(2, before.size());
            var single = assertThrows(IllegalArgumentException.class, () -> pipeline.apply(texts.get(2)));
            assertTrue(single.getMessage().startsWith("The text has 902 tokens"), single.getMessage());
            assertThrows(IllegalArgumentException.class, () -> pipeline.apply((String) null));
            assertThrows(IllegalArgumentException.class, () -> pipeline.apply(Arrays.asList("a", null)));
            assertThrows(IllegalArgumentException.class, () -> pipeline.withBatchTokens(0));
            assertEquals(List.of(), pipeline.apply(List.of()));
        }
    }

    @Test
    void theSameBitsInAnyBatch() throws Exception {
        try (FeatureExtractionPipeline pipeline = Pipelines.from(FOLDER).featureExtraction()) {
            List<String> texts = IntStream.range(0, 40).mapToObj(i -> "word " + "a b ".repeat(i % 7)).toList();
            for (int tokens : List.of(1, 20, 77, 4096)) {
                List<Tensor> all = pipeline.withBatchTokens(tokens).apply(texts);
                assertEquals(tokens, pipeline.withBatchTokens(tokens).batchTokens());
                for (int i = 0; i < texts.size(); i++) {
                    assertArrayEquals(pipeline.apply(texts.get(i)).data(), all.get(i).data());
                }
                assertEquals(texts.size(), pipeline.apply(texts.stream().parallel(), EncodeOptions.defaults()).count());
            }
        }
    }

    /** What Pipelines opens is closed with its pipeline, what the caller opened is not. */
    @Test
    void whoOpensAModelClosesIt() throws Exception {
        FeatureExtractionPipeline opened = Pipelines.from(FOLDER).featureExtraction();
        opened.withBatchTokens(9).close();
        assertThrows(IllegalStateException.class, () -> opened.apply("a"));
        try (BertModel model = BertModel.fromPretrained(FOLDER)) {
            FeatureExtractionPipeline own = new FeatureExtractionPipeline(model, BertTokenizer.fromPretrained(FOLDER));
            own.close();
            assertFalse(own.apply("a").data().length == 0);
        }
    }
}
