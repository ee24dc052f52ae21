package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The class that config.json names. */
class AutoModelTest {
    private static final Path MODELS = Golden.resources().resolve("models");
    private static final String KNOWN = String.join(", ", AutoModel.classes()) + ".";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"base, BertModel", "head_pretraining, BertForPreTraining", "head_masked_lm, BertForMaskedLM",
        "head_next_sentence, BertForNextSentencePrediction", "head_multiple_choice, BertForMultipleChoice",
        "head_sequence_single3, BertForSequenceClassification", "head_token, BertForTokenClassification",
        "head_question_answering, BertForQuestionAnswering"})
    void everyClassIsFound(String name, String type) throws Exception {
        for (Path path : List.of(MODELS.resolve(name), MODELS.resolve(name).resolve("model.safetensors"))) {
            try (PreTrainedModel model = AutoModel.fromPretrained(path)) {
                assertEquals(type, model.getClass().getSimpleName());
            }
        }
    }

    @Test
    void optionsCount() throws Exception {
        try (BertModel model = (BertModel) AutoModel.fromPretrained(MODELS.resolve("base"),
                LoadOptions.defaults().withoutPoolingLayer().withBackend("reference"))) {
            assertEquals(null, model.pooler());
            assertEquals("reference", model.backend().name());
        }
        BertConfig config = BertConfig.fromPretrained(MODELS.resolve("prefixed_full"))
                .with("architectures", List.of("BertFoo", "BertForMaskedLM", "BertModel"));
        try (PreTrainedModel model = AutoModel.fromPretrained(MODELS.resolve("prefixed_full"),
                LoadOptions.defaults().withConfig(config))) {
            assertEquals("BertForMaskedLM", model.getClass().getSimpleName(), "the first that is known");
        }
    }

    @Test
    void anUnknownClassIsRefusedWithAllThatAreKnown() throws Exception {
        Path file = folder.resolve("config.json");
        Files.writeString(file, "{\"architectures\": [\"BertFoo\", \"RobertaModel\"]}");
        assertEquals(file + ": architectures is [BertFoo, RobertaModel] but must be a list with one of " + KNOWN,
                refusal());
        Map<String, String> others = Map.of("{}", "is not there", "{\"architectures\": null}", "is not there",
                "{\"architectures\": []}", "is []", "{\"architectures\": \"BertModel\"}", "is BertModel");
        for (Map.Entry<String, String> other : others.entrySet()) {
            Files.writeString(file, other.getKey());
            assertEquals(file + ": architectures " + other.getValue() + " but must be a list with one of " + KNOWN,
                    refusal());
        }
        Path none = folder.resolve("none");
        assertEquals("There is no model folder " + none + ".",
                assertThrows(IOException.class, () -> AutoModel.fromPretrained(none)).getMessage());
    }

    private String refusal() {
        return assertThrows(IllegalArgumentException.class, () -> AutoModel.fromPretrained(folder)).getMessage();
    }
}
