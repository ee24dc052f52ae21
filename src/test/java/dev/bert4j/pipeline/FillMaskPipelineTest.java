package dev.bert4j.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertTokenizer;
import dev.bert4j.LoadOptions;
import dev.bert4j.pipeline.FillMaskPipeline.Prediction;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FillMaskPipelineTest {
    private static final Path DEMO = Path.of("src", "models", "demo");

    @Test
    void scoresAreProbabilitiesOfTheWholeVocabulary() throws Exception {
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(DEMO)) {
            var pipeline = new FillMaskPipeline(model, BertTokenizer.fromPretrained(DEMO));
            List<Prediction> all = pipeline.apply("She drinks a cup of [MASK].", Integer.MAX_VALUE).getFirst();
            assertEquals(model.config().vocabSize(), all.size());
            assertEquals(1, all.stream().mapToDouble(Prediction::score).sum(), 1e-5);
            for (int i = 1; i < all.size(); i++) {
                assertTrue(all.get(i - 1).score() >= all.get(i).score());
            }
            Prediction part = all.stream().filter(p -> p.tokenStr().equals("##ing")).findFirst().orElseThrow();
            assertEquals("She drinks a cup ofing.", part.sequence());
        }
    }

    @Test
    void targetsAreTheOnlyWordsAndKeepTheirScores() throws Exception {
        try (FillMaskPipeline pipeline = Pipelines.from(DEMO).fillMask()) {
            String text = "She drinks a cup of [MASK].";
            List<Prediction> all = pipeline.apply(text, Integer.MAX_VALUE).getFirst();
            var options = FillMaskOptions.defaults().withTargets(List.of("tea", "coffee", "tea", "\u200b"));
            List<Prediction> some = pipeline.apply(text, options).getFirst();
            assertEquals(all.stream().filter(p -> Set.of("tea", "coffee").contains(p.tokenStr())).toList(), some);
            var none = FillMaskOptions.defaults().withTargets(List.of("\u200b"));
            assertTrue(assertThrows(IllegalArgumentException.class, () -> pipeline.apply(text, none)).getMessage()
                    .contains("None of the targets"));
        }
    }

    /** Threads share a pipeline, whatever the options of their calls. */
    @Test
    void threadsShareAPipeline() throws Exception {
        try (FillMaskPipeline pipeline = Pipelines.from(DEMO, LoadOptions.defaults().withThreads(1)).fillMask()) {
            List<FillMaskOptions> options = Stream.of("tea", "coffee", "water", "milk")
                    .map(word -> FillMaskOptions.defaults().withTargets(List.of(word, "a"))).toList();
            List<List<List<Prediction>>> alone = options.stream().map(o -> pipeline.apply("A [MASK].", o)).toList();
            IntStream.range(0, 200).parallel().forEach(i ->
                    assertEquals(alone.get(i % 4), pipeline.apply("A [MASK].", options.get(i % 4))));
        }
    }

    @Test
    void badArguments() throws Exception {
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(DEMO)) {
            var pipeline = new FillMaskPipeline(model, BertTokenizer.fromPretrained(DEMO));
            assertThrows(IllegalArgumentException.class, () -> pipeline.apply("[MASK]", 0));
            assertTrue(assertThrows(IllegalArgumentException.class, () -> pipeline.apply("none", 5)).getMessage()
                    .contains("[MASK]"));
            BertTokenizer other = BertTokenizer.fromPretrained(
                    Path.of("src", "test", "resources", "golden", "vocab", "bert-base-cased.txt"));
            var thrown = assertThrows(IllegalArgumentException.class, () -> new FillMaskPipeline(model, other));
            assertTrue(thrown.getMessage().contains("28996"), thrown.getMessage());
        }
    }

    @Test
    void topKTakesTheFirstOfEqualValues() {
        float[] values = {1, 3, 3, 2, 3, 9};
        assertArrayEquals(new int[] {1, 2}, Softmax.topK(values, 5, 2));
        assertArrayEquals(new int[] {1, 2, 4, 3, 0}, Softmax.topK(values, 5, 9));
    }
}
