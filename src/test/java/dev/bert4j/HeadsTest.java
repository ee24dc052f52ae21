package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What all classes with a head have in common, but for the language model: batches, hooks, pruning, their parts. */
class HeadsTest {
    private static final Path MODELS = Golden.resources().resolve("models");
    private static final Map<String, String> HEADS = new LinkedHashMap<>(Map.of(
            "BertForPreTraining", "head_pretraining", "BertForMaskedLM", "head_masked_lm",
            "BertForNextSentencePrediction", "head_next_sentence",
            "BertForSequenceClassification", "head_sequence_single3",
            "BertForMultipleChoice", "head_multiple_choice", "BertForTokenClassification", "head_token",
            "BertForQuestionAnswering", "head_question_answering"));
    private static final BertInput PAIR = BertInput.of(new int[][] {{1, 2, 3, 4}, {9, 8, 7, 6}})
            .withAttentionMask(new int[][] {{1, 1, 1, 0}, {1, 1, 1, 1}}).withHiddenStates().withAttentions();
    private static final List<BertInput> INPUTS = List.of(BertInput.of(5, 6, 7), PAIR,
            BertInput.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17).withHiddenStates(),
            BertInput.of(new int[][] {{3}, {4}, {5}}));

    static Stream<Arguments> heads() {
        return GoldenModelsTest.backends().stream().flatMap(backend -> HEADS.entrySet().stream()
                .map(head -> Arguments.of(backend, head.getKey(), head.getValue())));
    }

    private static PreTrainedModel open(String type, String name, LoadOptions options) throws Exception {
        return TestModels.open(type, MODELS.resolve(name), options);
    }

    @Test
    void allAreThere() {
        Set<String> known = new HashSet<>(AutoModel.classes());
        known.remove("BertModel");
        known.remove("BertLMHeadModel");
        assertEquals(HEADS.keySet(), known);
    }

    @ParameterizedTest
    @MethodSource("heads")
    void aListGivesTheBitsOfSingleCalls(String backend, String type, String name) throws Exception {
        try (PreTrainedModel model = open(type, name, LoadOptions.defaults().withBackend(backend));
                PreTrainedModel scalar = open(type, name, LoadOptions.defaults().withBackend("reference"))) {
            List<List<Object>> together = TestModels.answers(model, INPUTS);
            TestModels.assertSame(TestModels.answers(scalar, INPUTS), together, type + ", on the other backend");
            for (int i = 0; i < INPUTS.size(); i++) {
                TestModels.assertSame(TestModels.answers(model, List.of(INPUTS.get(i))).getFirst(), together.get(i),
                        type + ", input " + i);
            }
            assertEquals(together.get(0).size() + 2, together.get(1).size(), "hidden states and attentions");
            assertThrows(IllegalArgumentException.class, () -> TestModels.answers(model, List.of()));
        }
    }

    @ParameterizedTest
    @MethodSource("heads")
    void aPrunedHeadModelIsOfItsClass(String backend, String type, String name) throws Exception {
        try (PreTrainedModel model = open(type, name, LoadOptions.defaults().withBackend(backend));
                PreTrainedModel pruned = model.pruneHeads(Map.of(1, Set.of(0, 2)))) {
            assertSame(model.getClass(), pruned.getClass());
            assertSame(model, model.to(model.backend().device()));
            assertNotSame(model, pruned);
            BertInput masked = PAIR.withHeadMask(Tensor.of(new float[] {1, 1, 1, 1, 0, 1, 0, 1}, 2, 4));
            Tensor expected = logits(model, masked);
            assertArrayEquals(expected.data(), logits(pruned, PAIR).data(), 1e-5f);
        }
        PreTrainedModel closed = open(type, name, LoadOptions.defaults().withBackend(backend));
        closed.close();
        assertThrows(IllegalStateException.class, () -> TestModels.answers(closed, INPUTS));
    }

    private static Tensor logits(PreTrainedModel model, BertInput input) {
        return (Tensor) TestModels.answers(model, List.of(input)).getFirst().getFirst();
    }

    @ParameterizedTest
    @CsvSource({"BertForSequenceClassification, head_sequence_single3, classifier, 2, 3",
        "BertForMultipleChoice, head_multiple_choice, classifier, 2, 1",
        "BertForTokenClassification, head_token, classifier, 8, 5",
        "BertForQuestionAnswering, head_question_answering, qa_outputs, 8, 2",
        "BertForNextSentencePrediction, head_next_sentence, cls, 2, 2",
        "BertForNextSentencePrediction, head_next_sentence, cls.seq_relationship, 2, 2",
        "BertForPreTraining, head_pretraining, cls.seq_relationship, 2, 2",
        "BertForPreTraining, head_pretraining, cls.predictions, 8, 97"})
    void hooksSeeTheHeads(String type, String name, String path, int rows, int features) throws Exception {
        try (PreTrainedModel model = open(type, name, LoadOptions.defaults())) {
            List<Tensor> seen = new ArrayList<>();
            try (var _ = model.getSubmodule(path).registerForwardHook((module, output) -> seen.add(output))) {
                TestModels.answers(model, List.of(PAIR));
            }
            assertEquals(1, seen.size());
            assertArrayEquals(new int[] {rows, features}, seen.getFirst().shape());
        }
    }

    /** The file has the base, its pooler, and nothing else. */
    @ParameterizedTest
    @CsvSource({"BertForTokenClassification, classifier", "BertForQuestionAnswering, qa_outputs",
        "BertForSequenceClassification, classifier", "BertForMultipleChoice, classifier",
        "BertForNextSentencePrediction, cls.seq_relationship"})
    void theHeadIsNewAndThePoolerNeverUnused(String type, String head) throws Exception {
        try (PreTrainedModel model = open(type, "bare", LoadOptions.defaults().withInitSeed(1))) {
            assertEquals(new LoadingInfo(List.of(head + ".bias", head + ".weight"), List.of()), model.loadingInfo());
            assertArrayEquals(new float[(int) model.namedParameters().get(head + ".bias").numElements()],
                    model.getParameter(head + ".bias").data());
        }
    }

    @Test
    void dropoutTakesNoHook() throws Exception {
        try (PreTrainedModel model = open("BertForTokenClassification", "head_token", LoadOptions.defaults())) {
            assertThrows(UnsupportedOperationException.class,
                    () -> model.getSubmodule("dropout").registerForwardHook((module, output) -> { }));
        }
    }

    @Test
    void theHeadForPairsOnItsOwn() throws Exception {
        try (var model = BertForNextSentencePrediction.fromPretrained(MODELS.resolve("head_next_sentence"))) {
            Tensor last = model.forward(PAIR).hiddenStates().getLast();
            Tensor pooled = model.bert().pooler().forward(last);
            Bits.assertSame(model.forward(PAIR).logits(), model.cls().forward(pooled), "in two steps");
            assertEquals("The input of BertOnlyNSPHead has the shape [2, 4, 28] but must be [texts, 28].",
                    assertThrows(IllegalArgumentException.class, () -> model.cls().forward(last)).getMessage());
        }
    }

    @Test
    void theHeadsOfPreTrainingOnTheirOwn() throws Exception {
        try (var model = BertForPreTraining.fromPretrained(MODELS.resolve("head_pretraining"))) {
            BertForPreTrainingOutput output = model.forward(PAIR);
            Tensor last = output.hiddenStates().getLast();
            var scores = model.cls().forward(last, model.bert().pooler().forward(last));
            Bits.assertSame(output.predictionLogits(), scores.predictionScores(), "words");
            Bits.assertSame(output.seqRelationshipLogits(), scores.seqRelationshipScore(), "pairs");
            assertThrows(UnsupportedOperationException.class,
                    () -> model.cls().registerForwardHook((module, shown) -> { }), "two outputs are not one");
        }
    }

    @Test
    void partsHaveTheNamesOfTheReference() throws Exception {
        try (var model = BertForPreTraining.fromPretrained(MODELS.resolve("head_pretraining"))) {
            assertSame(model.getSubmodule("cls.predictions"), model.cls().predictions());
            assertSame(model.getSubmodule("cls.seq_relationship"), model.cls().seqRelationship());
        }
        try (var model = BertForQuestionAnswering.fromPretrained(MODELS.resolve("head_question_answering"))) {
            assertSame(model.getSubmodule("qa_outputs"), model.qaOutputs());
            assertEquals(null, model.bert().pooler());
        }
        try (var model = BertForSequenceClassification.fromPretrained(MODELS.resolve("head_sequence_single3"))) {
            assertSame(model.getSubmodule("classifier"), model.classifier());
            assertSame(model.getSubmodule("dropout"), model.dropout());
            assertEquals(3, model.classifier().outFeatures());
        }
    }

    @Test
    void theDropoutIsThatOfTheClassifier() throws Exception {
        BertConfig config = BertConfig.fromPretrained(MODELS.resolve("head_token"));
        for (double p : new double[] {0, 0.3}) {
            LoadOptions options = LoadOptions.defaults().withConfig(config.with("classifier_dropout", p));
            try (PreTrainedModel model = open("BertForTokenClassification", "head_token", options)) {
                assertEquals("Dropout(p=" + p + ", inplace=False)", model.getSubmodule("dropout").toString());
            }
        }
    }
}
