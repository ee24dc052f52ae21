package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Labels that do not fit are refused by every head; losses where the goldens have none. */
class HeadLabelsTest {
    private static final Path MODELS = Golden.resources().resolve("models");
    /** Two texts of three tokens. */
    private static final BertInput INPUT = BertInput.of(new int[][] {{1, 2, 3}, {4, 5, 6}});

    private static void refused(String sentence, Executable call) {
        assertEquals(sentence, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void ofNextSentences() throws Exception {
        try (var model = BertForNextSentencePrediction.fromPretrained(MODELS.resolve("head_next_sentence"))) {
            refused("labels has 3 entries but must have 2.", () -> model.forward(INPUT, new int[] {0, 1, 0}));
            refused("labels[1] is 2, which is neither -100 nor in [0, 2).",
                    () -> model.forward(INPUT, new int[] {0, 2}));
            refused("labels[0] is -1, which is neither -100 nor in [0, 2).",
                    () -> model.forward(INPUT, new int[] {-1, 2}));
            assertTrue(Float.isNaN(model.forward(INPUT, new int[] {-100, -100}).loss().item()));
            assertNull(model.forward(INPUT).loss());
        }
    }

    @Test
    void ofPreTraining() throws Exception {
        int[][] words = {{-100, 2, -100}, {-100, -100, -100}};
        int[] next = {1, -100};
        try (var model = BertForPreTraining.fromPretrained(MODELS.resolve("head_pretraining"))) {
            int vocabulary = model.config().vocabSize();
            assertNull(model.forward(INPUT, words, null).loss());
            assertNull(model.forward(INPUT, null, next).loss());
            assertNull(model.forward(INPUT, null, null).loss());
            BertForPreTrainingOutput output = model.forward(INPUT, words, next);
            double word = surprise(output.predictionLogits().select(0, 1).data(), 2);
            double pair = surprise(output.seqRelationshipLogits().select(0).data(), 1);
            assertEquals(word + pair, output.loss().item(), 1e-6);
            assertTrue(Float.isNaN(model.forward(INPUT, words, new int[] {-100, -100}).loss().item()));
            refused("labels has 1 rows for 2 texts.", () -> model.forward(INPUT, new int[1][3], next));
            refused("Row 1 of labels has 2 entries for 3 tokens.",
                    () -> model.forward(INPUT, new int[][] {{1, 2, 3}, {1, 2}}, null));
            refused("labels[1][0] is " + vocabulary + ", which is neither -100 nor in [0, " + vocabulary + ").",
                    () -> model.forward(INPUT, new int[][] {{1, 2, 3}, {vocabulary, 0, 0}}, next));
            refused("nextSentenceLabel has 1 entries but must have 2.",
                    () -> model.forward(INPUT, words, new int[] {1}));
            refused("nextSentenceLabel[0] is 5, which is neither -100 nor in [0, 2).",
                    () -> model.forward(INPUT, null, new int[] {5, 0}));
        }
    }

    private static double surprise(float[] logits, int label) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        return Math.log(sum) - logits[label];
    }

    @Test
    void ofTokens() throws Exception {
        try (var model = BertForTokenClassification.fromPretrained(MODELS.resolve("head_token"))) {
            refused("labels has 1 rows for 2 texts.", () -> model.forward(INPUT, new int[1][3]));
            refused("labels[1][2] is 5, which is neither -100 nor in [0, 5).",
                    () -> model.forward(INPUT, new int[][] {{0, 0, 0}, {0, 0, 5}}));
            // The mask takes no token out of the mean; labels do.
            BertInput masked = INPUT.withAttentionMask(new int[][] {{1, 1, 0}, {1, 1, 0}});
            TokenClassifierOutput output = model.forward(masked, new int[][] {{-100, -100, 4}, {-100, -100, -100}});
            assertEquals(surprise(output.logits().select(0, 2).data(), 4), output.loss().item(), 1e-6);
        }
    }

    @Test
    void ofAnswers() throws Exception {
        try (var model = BertForQuestionAnswering.fromPretrained(MODELS.resolve("head_question_answering"))) {
            int[] two = {1, 2};
            assertNull(model.forward(INPUT, two, null).loss());
            assertNull(model.forward(INPUT, null, two).loss());
            refused("startPositions has 1 entries but must have 2.", () -> model.forward(INPUT, new int[1], two));
            refused("endPositions has 3 entries but must have 2.", () -> model.forward(INPUT, null, new int[3]));
            float within = model.forward(INPUT, new int[] {0, 2}, two).loss().item();
            assertEquals(within, model.forward(INPUT, new int[] {-7, 2}, two).loss().item());
            var output = model.forward(INPUT, new int[] {3, 2}, new int[] {1, Integer.MAX_VALUE});
            double start = surprise(output.startLogits().select(1).data(), 2);
            double end = surprise(output.endLogits().select(0).data(), 1);
            assertEquals((start + end) / 2, output.loss().item(), 1e-6);
            assertTrue(Float.isNaN(model.forward(INPUT, new int[] {3, 9}, two).loss().item()));
        }
    }

    @Test
    void ofChoices() throws Exception {
        try (var model = BertForMultipleChoice.fromPretrained(MODELS.resolve("head_multiple_choice"))) {
            String rest = ", but the input has 2 texts; their number must be a multiple of it.";
            for (int choices : new int[] {-2, 0, 3, 4}) {
                refused("numChoices is " + choices + rest, () -> model.forward(INPUT, choices));
            }
            refused("labels has 2 entries but must have 1.", () -> model.forward(INPUT, 2, new int[] {0, 1}));
            refused("labels[0] is 2, which is neither -100 nor in [0, 2).",
                    () -> model.forward(INPUT, 2, new int[] {2}));
            refused("Question 1 has no choices; it must have at least one.",
                    () -> model.forward(List.of(INPUT, BertInput.of(new int[0][]))));
            Tensor row = model.forward(INPUT).logits();
            Tensor column = model.forward(INPUT, 1).logits();
            assertEquals("[1, 2] [2, 1]", Arrays.toString(row.shape()) + " " + Arrays.toString(column.shape()));
            Bits.assertSame(row, Tensor.of(column.data(), 1, 2), "the same choices");
            assertEquals(surprise(row.data(), 1), model.forward(INPUT, 2, new int[] {1}).loss().item(), 1e-6);
            assertEquals(0, model.forward(INPUT, 1, new int[] {0, -100}).loss().item());
        }
    }

    private static BertForSequenceClassification classifier(String name, String problem) throws Exception {
        BertConfig config = BertConfig.fromPretrained(MODELS.resolve(name)).with("problem_type", problem);
        return BertForSequenceClassification.fromPretrained(MODELS.resolve(name),
                LoadOptions.defaults().withConfig(config));
    }

    @Test
    void ofTextsByProblemType() throws Exception {
        Tensor flat = Tensor.of(new float[] {0.5f, -2}, 2);
        Tensor wide = Tensor.of(new float[] {0, 1, 1, 0, 0, 1}, 2, 3);
        try (var model = classifier("head_sequence_single3", null)) {
            refused("labels has 1 entries but must have 2.", () -> model.forward(INPUT, new int[] {0}));
            refused("labels[1] is 3, which is neither -100 nor in [0, 3).",
                    () -> model.forward(INPUT, new int[] {0, 3}));
            refused("labels has the shape [2] but must be [2, 3].", () -> model.forward(INPUT, flat));
            SequenceClassifierOutput output = model.forward(INPUT, wide);
            double sum = 0;
            for (int i = 0; i < 6; i++) {
                double p = 1 / (1 + Math.exp(-output.logits().data()[i]));
                sum -= Math.log(wide.data()[i] == 1 ? p : 1 - p);
            }
            assertEquals(sum / 6, output.loss().item(), 1e-6);
        }
        try (var model = classifier("head_sequence_single3", "single_label_classification")) {
            refused("The labels are a tensor, but a model for single_label_classification takes integers, one for each"
                    + " of 2 texts.", () -> model.forward(INPUT, wide));
        }
        for (String problem : new String[] {"multi_label_classification", "regression"}) {
            try (var model = classifier("head_sequence_single3", problem)) {
                refused("The labels are integers, one a text, but a model for " + problem + " with 3 labels takes a "
                        + "tensor [2, 3].", () -> model.forward(INPUT, new int[] {0, 1}));
            }
        }
        try (var model = classifier("head_sequence_regression1", null)) {
            refused("labels has the shape [2, 3] but must be [2] or [2, 1].", () -> model.forward(INPUT, wide));
            refused("labels has the shape [3] but must be [2] or [2, 1].",
                    () -> model.forward(INPUT, new int[] {1, 2, 3}));
            SequenceClassifierOutput output = model.forward(INPUT, flat);
            double first = output.logits().get(0, 0) - 0.5;
            double second = output.logits().get(1, 0) + 2;
            assertEquals((first * first + second * second) / 2, output.loss().item(), 1e-6);
            assertEquals(output.loss().item(), model.forward(INPUT, Tensor.of(flat.data(), 2, 1)).loss().item());
            assertEquals(model.forward(INPUT, Tensor.of(new float[] {1, -100}, 2)).loss().item(),
                    model.forward(INPUT, new int[] {1, -100}).loss().item(), "values, so that -100 is one, too");
        }
        try (var model = classifier("head_sequence_regression1", "single_label_classification")) {
            assertEquals(0, model.forward(INPUT, new int[] {0, 0}).loss().item(), "the only label is certain");
        }
        try (var model = classifier("head_sequence_regression1", "multi_label_classification")) {
            refused("labels has the shape [2] but must be [2, 1].", () -> model.forward(INPUT, flat));
        }
    }

    /** Where a naive formula overflows or loses all digits. */
    @Test
    void largeLogitsHaveTheirLosses() {
        float[] large = {1000, -1000, 30, -30};
        assertEquals((0 + 1000 + 30 + Math.exp(-30)) / 4,
                SequenceLoss.binaryCrossEntropy(large, new float[] {1, 1, 0, 0}), 1e-12);
        assertEquals(Math.exp(-30), SequenceLoss.binaryCrossEntropy(new float[] {30}, new float[] {1}), 1e-20);
        assertEquals(2000, CrossEntropy.loss(Tensor.of(new float[] {1000, -1000}, 1, 2), new int[] {1}).item());
        assertEquals(0, CrossEntropy.loss(Tensor.of(new float[] {1000, -1000}, 1, 2), new int[] {0}).item());
        assertTrue(Float.isNaN(CrossEntropy.loss(Tensor.of(new float[] {Float.NaN, 0}, 1, 2), new int[] {1}).item()));
        assertEquals(0.25, SequenceLoss.meanSquared(new float[] {1, 2}, new float[] {0.5f, 2.5f}));
    }
}
