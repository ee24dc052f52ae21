package dev.bert4j.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertTokenizer;
import dev.bert4j.pipeline.FillMaskPipeline.Prediction;
import java.nio.file.Path;
import java.util.List;
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
