package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model read from PyTorch's format is a model as any other: saved, pruned, closed. */
class TorchModelTest {
    private static final BertInput INPUT = BertInput.of(new int[][] {{1, 2, 3, 4}, {4, 3, 2, 9}});
    private static final LoadOptions SCALAR = LoadOptions.defaults().withBackend("reference").withThreads(1);

    @TempDir
    Path folder;

    @BeforeEach
    void copyStrided() throws IOException {
        copy("shared_storage_strided", folder);
    }

    private static void copy(String name, Path to) throws IOException {
        try (Stream<Path> files = Files.list(Golden.resources().resolve("torch").resolve(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static List<Object> answer(BertModel model) {
        return model.forward(INPUT).toTuple();
    }

    /** Over its own folder, too: the .bin stays and stays mapped, and from then on the new file is the model. */
    @ParameterizedTest
    @ValueSource(strings = {".", "new"})
    void whatIsSavedIsSafetensors(String to) throws Exception {
        byte[] before = Files.readAllBytes(folder.resolve("pytorch_model.bin"));
        Path saved = folder.resolve(to);
        try (BertModel model = BertModel.fromPretrained(folder, SCALAR)) {
            model.savePretrained(saved);
            try (BertModel again = BertModel.fromPretrained(saved, SCALAR)) {
                assertEquals(List.of(saved.resolve("model.safetensors")), again.checkpoint().files());
                TestModels.assertSame(answer(model), answer(again), to);
                for (Map.Entry<String, WeightTensor> entry : model.namedParameters().entrySet()) {
                    WeightTensor other = again.namedParameters().get(entry.getKey());
                    assertEquals(-1, entry.getValue().data().mismatch(other.data()), entry.getKey());
                }
            }
        }
        assertArrayEquals(before, Files.readAllBytes(folder.resolve("pytorch_model.bin")));
    }

    @Test
    void prunedHeadsOutliveTheWhole() throws Exception {
        BertModel whole = BertModel.fromPretrained(folder, SCALAR);
        Path source = Golden.resources().resolve("models/odd_head_dim");
        try (PreTrainedModel pruned = whole.pruneHeads(Map.of(0, Set.of(1)));
                BertModel other = BertModel.fromPretrained(source, SCALAR);
                PreTrainedModel otherPruned = other.pruneHeads(Map.of(0, Set.of(1)))) {
            whole.close();
            TestModels.assertSame(answer((BertModel) otherPruned), answer((BertModel) pruned), "pruned");
        }
    }

    @Test
    void afterClosingNothingIsRead() throws Exception {
        BertModel model = BertModel.fromPretrained(folder, SCALAR);
        WeightTensor strided = model.namedParameters().get("embeddings.position_embeddings.weight");
        strided.toFloatArray();
        model.close();
        assertThrows(IllegalStateException.class, strided::toFloatArray);
        assertThrows(IllegalStateException.class, () -> model.forward(INPUT));
    }

    /** But for the one that was saved transposed, tensors are parts of the mapped file. */
    @Test
    void oneTensorIsCopiedAndTheRestLiesInPlace() throws Exception {
        try (Checkpoint torch = Checkpoint.open(folder)) {
            long[] addresses = torch.tensors().entrySet().stream()
                    .filter(entry -> !entry.getKey().equals("embeddings.position_embeddings.weight"))
                    .mapToLong(entry -> entry.getValue().data().address()).sorted().toArray();
            long copy = torch.get("embeddings.position_embeddings.weight").data().address();
            long first = addresses[0];
            long last = addresses[addresses.length - 1];
            assertTrue(last - first < torch.sizeInBytes(), "one storage");
            assertTrue(copy < first - torch.sizeInBytes() || copy > last + torch.sizeInBytes(), "a copy");
        }
    }

    @Test
    void shards() throws Exception {
        Path shards = Files.createDirectory(folder.resolve("shards"));
        copy("sharded", shards);
        try (BertModel model = BertModel.fromPretrained(shards, SCALAR)) {
            assertEquals(List.of(shards.resolve("pytorch_model-00001-of-00002.bin"),
                    shards.resolve("pytorch_model-00002-of-00002.bin")), model.checkpoint().files());
            assertEquals(new LoadingInfo(List.of(), List.of()), model.loadingInfo());
        }
    }
}
