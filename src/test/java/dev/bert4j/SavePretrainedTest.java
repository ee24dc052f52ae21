package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bert4j.json.Json;
import dev.bert4j.weights.CheckpointException;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is saved is what was loaded, to the last bit, and what is in the way is handled or refused. */
class SavePretrainedTest {
    private static final Path MODELS = Golden.resources().resolve("models");
    private static final BertInput INPUT = BertInput.of(new int[][] {{1, 2, 3, 4}, {4, 3, 2, 9}});
    private static final LoadOptions SCALAR = LoadOptions.defaults().withBackend("reference").withThreads(1);

    @TempDir
    Path folder;

    private static PreTrainedModel open(String type, Path path, LoadOptions options) throws IOException {
        return TestModels.open(type, path, options);
    }

    private static List<Object> answer(PreTrainedModel model) {
        return TestModels.answers(model, List.of(INPUT)).getFirst();
    }

    private static Set<String> files(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static void equal(Map<String, WeightTensor> expected, Map<String, WeightTensor> actual) {
        assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
        expected.forEach((name, tensor) -> {
            assertEquals(tensor.dtype(), actual.get(name).dtype(), name);
            assertArrayEquals(tensor.shape(), actual.get(name).shape(), name);
            assertEquals(-1, tensor.data().mismatch(actual.get(name).data()), name);
        });
    }

    @ParameterizedTest
    @CsvSource({"base, BertModel", "dtype_f16, BertModel", "dtype_bf16, BertModel", "dtype_f64, BertModel",
        "dtype_mixed, BertModel", "sharded, BertModel", "sharded_bare, BertModel", "prefixed_full, BertModel",
        "bare, BertModel", "gamma_beta, BertModel", "layout_unaligned, BertModel", "head_masked_lm, BertForMaskedLM",
        "prefixed_full, BertForMaskedLM", "mlm_untied, BertForMaskedLM", "mlm_decoder_stored, BertForMaskedLM",
        "mlm_decoder_bias_only, BertForMaskedLM", "mlm_decoder_differs, BertForMaskedLM",
        "head_pretraining, BertForPreTraining", "prefixed_full, BertForNextSentencePrediction",
        "head_next_sentence, BertForNextSentencePrediction", "head_multiple_choice, BertForMultipleChoice",
        "head_sequence_single3, BertForSequenceClassification", "head_token, BertForTokenClassification",
        "head_sequence_regression1, BertForSequenceClassification", "bare, BertForSequenceClassification",
        "head_question_answering, BertForQuestionAnswering", "mlm_untied, BertForPreTraining",
        "bare, BertForMaskedLM", "relative_key, BertModel", "missing_layer_tensors, BertModel"})
    void whatIsSavedIsWhatWasLoaded(String name, String type) throws Exception {
        try (PreTrainedModel model = open(type, MODELS.resolve(name), SCALAR.withInitSeed(3))) {
            for (long size : new long[] {5_000_000_000L, 30_000, 1}) {
                Path saved = folder.resolve("saved" + size).resolve("model");
                model.savePretrained(saved, SaveOptions.defaults().withMaxShardSize(size));
                try (PreTrainedModel again = open(type, saved, SCALAR)) {
                    equal(model.namedParameters(), again.namedParameters());
                    TestModels.assertSame(answer(model), answer(again), name);
                    assertEquals(new LoadingInfo(List.of(), List.of()), again.loadingInfo());
                    assertEquals(model.namedParameters().keySet(), again.checkpoint().tensors().keySet()
                            .stream().collect(Collectors.toSet()));
                    assertEquals(Map.of("format", "pt"), again.checkpoint().metadata());
                    assertEquals(List.of(type), again.config().architectures());
                    again.checkpoint().tensors().values().forEach(tensor -> assertEquals(0,
                            tensor.data().address() % (tensor.dtype().bits() / 8), tensor + " is not aligned"));
                }
            }
        }
    }

    @Test
    void aHeadKeepsItsBaseUnderThePrefix() throws Exception {
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(MODELS.resolve("head_masked_lm"), SCALAR)) {
            model.savePretrained(folder);
        }
        byte[] file = Files.readAllBytes(folder.resolve("model.safetensors"));
        long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, length % 8);
        Map<?, ?> header = (Map<?, ?>) Json.parse(new String(file, 8, (int) length, "UTF-8"), "header");
        assertEquals(Map.of("format", "pt"), header.get("__metadata__"));
        assertTrue(header.containsKey("bert.embeddings.word_embeddings.weight"));
        assertTrue(header.containsKey("cls.predictions.bias"));
        assertFalse(header.containsKey("cls.predictions.decoder.weight"), "tied, and stored twice");
        assertFalse(header.containsKey("cls.predictions.decoder.bias"), "tied, and stored twice");
    }

    @Test
    void theConfigKeepsAllItsKeys() throws Exception {
        BertConfig config = BertConfig.fromPretrained(MODELS.resolve("base")).with("a_key_of_mine", Map.of("é", 1L))
                .with("classifier_dropout", null).with("architectures", List.of("BertForPreTraining"));
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"), SCALAR.withConfig(config))) {
            model.savePretrained(folder);
        }
        Map<String, Object> expected = new TreeMap<>(config.values());
        expected.put("architectures", List.of("BertModel"));
        assertEquals(expected, new TreeMap<>(BertConfig.fromPretrained(folder).values()));
        assertTrue(Files.readAllLines(folder.resolve("config.json")).size() > expected.size(), "a key a line");
    }

    @Test
    void theIndexNamesTheShardsAndTheirSize() throws Exception {
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"), SCALAR)) {
            model.savePretrained(folder, SaveOptions.defaults().withMaxShardSize(100_000));
            Map<?, ?> index = (Map<?, ?>) Json.parse(
                    Files.readAllBytes(folder.resolve("model.safetensors.index.json")), "index");
            assertEquals(Map.of("total_size", model.numParameters() * 4), index.get("metadata"));
            Map<?, ?> weightMap = (Map<?, ?>) index.get("weight_map");
            assertEquals(model.namedParameters().keySet(), weightMap.keySet());
            Set<String> shards = files(folder);
            shards.removeAll(Set.of("config.json", "model.safetensors.index.json"));
            assertEquals(shards, new TreeSet<>(weightMap.values()));
            assertTrue(shards.size() > 2, shards.toString());
            for (int i = 1; i <= shards.size(); i++) {
                assertTrue(shards.contains(String.format("model-%05d-of-%05d.safetensors", i, shards.size())));
            }
            assertEquals("model-00001-of-0000" + shards.size() + ".safetensors",
                    weightMap.get("embeddings.word_embeddings.weight"));
            for (String shard : shards) {
                long bytes = model.namedParameters().entrySet().stream()
                        .filter(entry -> weightMap.get(entry.getKey()).equals(shard))
                        .mapToLong(entry -> entry.getValue().data().byteSize()).sum();
                assertTrue(bytes <= 100_000, shard + " has " + bytes);
            }
        }
    }

    @Test
    void aModelCanBeSavedIntoTheFolderThatItLiesIn() throws Exception {
        try (BertModel first = BertModel.fromPretrained(MODELS.resolve("dtype_f16"), SCALAR)) {
            first.savePretrained(folder);
        }
        try (BertModel model = BertModel.fromPretrained(folder, SCALAR)) {
            List<Object> expected = answer(model);
            Set<String> whole = Set.of("config.json", "model.safetensors");
            for (long size : new long[] {5_000_000_000L, 6_000, 12_000, 12_000, 5_000_000_000L}) {
                model.savePretrained(folder, SaveOptions.defaults().withMaxShardSize(size));
                TestModels.assertSame(expected, answer(model), "mapped from the files of before");
                try (BertModel again = BertModel.fromPretrained(folder, SCALAR)) {
                    TestModels.assertSame(expected, answer(again), "opened again");
                    equal(model.namedParameters(), again.namedParameters());
                    Set<String> expectedFiles = again.checkpoint().files().stream()
                            .map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
                    assertEquals(size > 1e6, expectedFiles.size() == 1, expectedFiles.toString());
                    expectedFiles.add("config.json");
                    if (size < 1e6) {
                        expectedFiles.add("model.safetensors.index.json");
                    }
                    assertEquals(expectedFiles, files(folder));
                }
            }
            assertEquals(whole, files(folder));
        }
    }

    @Test
    void otherFilesAreLeftAlone() throws Exception {
        for (String name : List.of("vocab.txt", "pytorch_model.bin", "other.safetensors", "model-1.safetensors")) {
            Files.writeString(folder.resolve(name), name);
        }
        Files.writeString(folder.resolve("model-00003-of-00007.safetensors"), "stale");
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"), SCALAR)) {
            model.savePretrained(folder);
        }
        assertEquals(Set.of("vocab.txt", "pytorch_model.bin", "other.safetensors", "model-1.safetensors",
                "config.json", "model.safetensors"), files(folder));
        assertEquals("vocab.txt", Files.readString(folder.resolve("vocab.txt")));
    }

    @Test
    void whatCannotBeSavedLeavesNothingBehind() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        Path taken = Files.createDirectories(folder.resolve("taken").resolve("config.json")).getParent();
        Files.writeString(taken.resolve("model.safetensors"), "old");
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"), SCALAR)) {
            assertEquals(file + ": a model cannot be saved there, for it is a file; name a folder",
                    assertThrows(CheckpointException.class, () -> model.savePretrained(file)).getMessage());
            assertEquals(file.resolve("x") + ": the folder for the model cannot be made: Not a directory",
                    assertThrows(CheckpointException.class, () -> model.savePretrained(file.resolve("x")))
                            .getMessage());
            assertEquals(taken + ": the model cannot be saved there: config.json is a folder there",
                    assertThrows(CheckpointException.class, () -> model.savePretrained(taken)).getMessage());
            assertEquals(Set.of("config.json", "model.safetensors"), files(taken));
            assertEquals("old", Files.readString(taken.resolve("model.safetensors")));
        }
    }

    @Test
    void aDiskThatIsFullIsSaidAndTheOldModelStays() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "only a shell can limit the size of files");
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("dtype_f16"), SCALAR)) {
            model.savePretrained(folder);
        }
        byte[] before = Files.readAllBytes(folder.resolve("model.safetensors"));
        ChildJvm.Result result = ChildJvm.runWithFileLimit(100, Saving.class, MODELS.resolve("base").toString(),
                folder.toString(), folder.resolve("new").resolve("one").toString());
        assertEquals(0, result.exit(), result.output());
        for (Path path : List.of(folder, folder.resolve("new").resolve("one"))) {
            assertTrue(result.output().contains(path + ": the model cannot be saved there: File too large\n"),
                    result.output());
        }
        assertEquals(Set.of("config.json", "model.safetensors"), files(folder));
        assertArrayEquals(before, Files.readAllBytes(folder.resolve("model.safetensors")));
    }

    /** Saves a model to folders and prints why it could not. */
    static final class Saving {
        private Saving() {
        }

        public static void main(String[] args) throws IOException {
            try (BertModel model = BertModel.fromPretrained(Path.of(args[0]), SCALAR)) {
                for (int i = 1; i < args.length; i++) {
                    try {
                        model.savePretrained(Path.of(args[i]));
                    } catch (CheckpointException e) {
                        System.out.println(e.getMessage());
                    }
                }
            }
        }
    }

    @Test
    void aClosedModelAndAWrongSizeAreRefused() throws Exception {
        BertModel model = BertModel.fromPretrained(MODELS.resolve("base"), SCALAR);
        model.close();
        assertThrows(IllegalStateException.class, () -> model.savePretrained(folder));
        assertEquals(Set.of(), files(folder));
        assertEquals("maxShardSize must be at least 1 byte, not 0.", assertThrows(IllegalArgumentException.class,
                () -> SaveOptions.defaults().withMaxShardSize(0)).getMessage());
        assertEquals(5_000_000_000L, SaveOptions.defaults().maxShardSize());
    }
}
