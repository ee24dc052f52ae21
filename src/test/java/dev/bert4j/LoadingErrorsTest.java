package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bert4j.weights.CheckpointException;
import dev.bert4j.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints that do not fit their config or their class are refused with a sentence that names the tensor. */
class LoadingErrorsTest {
    private static final Path MODELS = Golden.resources().resolve("models");

    @TempDir
    Path folder;

    private static void says(Class<? extends Exception> type, Executable loading, String... parts) {
        String message = assertThrows(type, loading).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), "'" + part + "' is not in: " + message);
        }
    }

    private static LoadOptions base(String key, Object value) throws IOException {
        return LoadOptions.defaults().withConfig(BertConfig.fromPretrained(MODELS.resolve("base")).with(key, value));
    }

    @Test
    void aMissingTensorIsNamedAndSoIsTheWayToMakeIt() {
        says(CheckpointException.class, () -> BertModel.fromPretrained(MODELS.resolve("missing_layer_tensors")),
                "model.safetensors", "lacks 2 of the tensors that BertModel needs: bert.encoder.layer.",
                "LoadOptions.withInitSeed");
        says(CheckpointException.class, () -> BertForMaskedLM.fromPretrained(MODELS.resolve("bare")),
                "lacks 5 of the tensors that BertForMaskedLM needs", "cls.predictions.bias",
                "cls.predictions.transform.dense.weight");
    }

    @Test
    void ofManyMissingTensorsTheFirstAreNamed() throws Exception {
        LoadOptions more = base("num_hidden_layers", 5);
        says(CheckpointException.class, () -> BertModel.fromPretrained(MODELS.resolve("base"), more),
                "lacks 32 of the tensors", "encoder.layer.3.attention.output.LayerNorm.bias", " and 24 more");
    }

    @Test
    void fewerLayersThanTheFileIsAccepted() throws Exception {
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"), base("num_hidden_layers", 1))) {
            assertEquals(1, model.encoder().layer().size());
            assertEquals(32, model.loadingInfo().unused().size());
        }
    }

    @Test
    void aTensorOfAnotherShapeIsNamedWithBothShapes() throws Exception {
        LoadOptions intermediate = base("intermediate_size", 33);
        says(IllegalArgumentException.class, () -> BertModel.fromPretrained(MODELS.resolve("base"), intermediate),
                "encoder.layer.0.intermediate.dense.weight", "[100, 60]", "BertModel needs [33, 60]");
        LoadOptions vocabulary = base("vocab_size", 33);
        says(IllegalArgumentException.class, () -> BertModel.fromPretrained(MODELS.resolve("base"), vocabulary),
                "embeddings.word_embeddings.weight", "model.safetensors", "[131, 60]", "BertModel needs [33, 60]");
        says(IllegalArgumentException.class,
                () -> BertModel.fromPretrained(MODELS.resolve("base"), vocabulary.withInitSeed(1)), "[131, 60]");
    }

    @Test
    void aTensorOfIntegersIsNoWeight() throws Exception {
        Files.copy(MODELS.resolve("base").resolve("config.json"), folder.resolve("config.json"));
        new SafetensorsWriter().add("embeddings.word_embeddings.weight", "I64", List.of(131L, 60L), new byte[131 * 480])
                .write(folder.resolve("model.safetensors"));
        says(IllegalArgumentException.class, () -> BertModel.fromPretrained(folder),
                "embeddings.word_embeddings.weight", "is of type I64; weights must be F32, F16, BF16 or F64, or "
                        + "quantised by 'bert quantize'.");
    }

    @Test
    void aHeadBesideABareBaseIsRefused() throws Exception {
        Files.copy(MODELS.resolve("base").resolve("config.json"), folder.resolve("config.json"));
        new SafetensorsWriter().add("embeddings.LayerNorm.weight", "F32", List.of(60L), new byte[240])
                .add("cls.predictions.bias", "F32", List.of(131L), new byte[524])
                .write(folder.resolve("model.safetensors"));
        for (LoadOptions options : List.of(LoadOptions.defaults(), LoadOptions.defaults().withInitSeed(1))) {
            says(CheckpointException.class, () -> BertForMaskedLM.fromPretrained(folder, options),
                    "tensors of a head (cls.) beside a base without the prefix 'bert.'", "add the prefix");
        }
    }

    @ParameterizedTest
    @CsvSource({"cls.seq_relationship.bias, 2, BertForNextSentencePrediction", "qa_outputs.bias, 2, "
            + "BertForQuestionAnswering", "classifier.bias, 2, BertForSequenceClassification",
        "classifier.bias, 2, BertForTokenClassification", "classifier.bias, 1, BertForMultipleChoice"})
    void ofAnyClassAHeadBesideABareBaseIsRefused(String name, long size, String type) throws Exception {
        Files.copy(MODELS.resolve("base").resolve("config.json"), folder.resolve("config.json"));
        SafetensorsWriter writer = new SafetensorsWriter().add(name, "F32", List.of(size), new byte[(int) size * 4]);
        writer.write(folder.resolve("model.safetensors"));
        // The head alone is no contradiction.
        says(CheckpointException.class, () -> TestModels.open(type, folder, LoadOptions.defaults()), "lacks ");
        writer.add("embeddings.LayerNorm.weight", "F32", List.of(60L), new byte[240])
                .write(folder.resolve("model.safetensors"));
        says(CheckpointException.class, () -> TestModels.open(type, folder, LoadOptions.defaults()),
                "tensors of a head (" + name.substring(0, name.indexOf('.') + 1) + ") beside a base", type);
        // To a class that has no such head it is a tensor that nobody uses.
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(folder, LoadOptions.defaults().withInitSeed(1))) {
            assertEquals(List.of(name), model.loadingInfo().unused());
        }
    }

    @Test
    void anAnswerHasTwoEnds() throws Exception {
        LoadOptions three = LoadOptions.defaults().withConfig(
                BertConfig.fromPretrained(MODELS.resolve("head_question_answering")).with("num_labels", 3));
        says(IllegalArgumentException.class,
                () -> BertForQuestionAnswering.fromPretrained(MODELS.resolve("head_question_answering"), three),
                "config.json: the config has 3 labels, but BertForQuestionAnswering must have 2");
    }

    @Test
    void aHeadOfAnotherNumberOfLabelsIsRefused() throws Exception {
        LoadOptions four = LoadOptions.defaults().withConfig(
                BertConfig.fromPretrained(MODELS.resolve("head_token")).with("num_labels", 4));
        says(IllegalArgumentException.class,
                () -> BertForTokenClassification.fromPretrained(MODELS.resolve("head_token"), four),
                "Tensor classifier.weight", "[5, 28]", "BertForTokenClassification needs [4, 28]");
    }

    @Test
    void newTensorsFollowFromTheSeed() throws Exception {
        Path bare = MODELS.resolve("bare");
        String[] hashes = new String[3];
        for (int i = 0; i < 3; i++) {
            LoadOptions options = LoadOptions.defaults().withInitSeed(i / 2);
            try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(bare, options)) {
                hashes[i] = Bits.hash(model.forward(BertInput.of(1, 2, 3)).logits());
            }
        }
        assertEquals(hashes[0], hashes[1]);
        assertTrue(!hashes[0].equals(hashes[2]), "another seed gives the same");
    }

    @Test
    void afterAFailureTheFileIsNoLongerMapped() throws Exception {
        Path maps = Path.of("/proc/self/maps");
        assumeTrue(Files.exists(maps));
        Path copy = Files.createDirectories(folder.resolve("refused"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(MODELS.resolve("missing_layer_tensors").resolve(file), copy.resolve(file));
        }
        assertThrows(IOException.class, () -> BertModel.fromPretrained(copy));
        assertThrows(IllegalArgumentException.class,
                () -> BertModel.fromPretrained(copy, LoadOptions.defaults().withBackend("none")));
        assertTrue(Files.readString(maps).lines().noneMatch(line -> line.contains("refused")));
    }
}
