package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointFilesTest {
    private static final String INDEX = "model.safetensors.index.json";

    @TempDir
    Path folder;

    @BeforeEach
    void twoShards() throws IOException {
        new SafetensorsWriter().metadata(Map.of("format", "pt", "of", "one")).addFloats("a", 1).addFloats("b", 2)
                .write(folder.resolve("1.safetensors"));
        new SafetensorsWriter().metadata(Map.of("of", "two", "more", "x")).addFloats("c", 3)
                .write(folder.resolve("2.safetensors"));
    }

    private void index(Map<String, ?> weightMap) throws IOException {
        Files.writeString(folder.resolve(INDEX), Json.write(Map.of("metadata", Map.of(), "weight_map", weightMap)));
    }

    private void assertRefused(Path path, String sentence) {
        String message = assertThrows(CheckpointException.class, () -> Checkpoint.open(path).close()).getMessage();
        assertTrue(message.contains(sentence), message);
    }

    @Test
    void shards() throws Exception {
        index(Map.of("c", "2.safetensors", "a", "1.safetensors", "b", "1.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals(List.of("a", "b", "c"), List.copyOf(checkpoint.tensors().keySet()));
            assertEquals(List.of(folder.resolve("1.safetensors"), folder.resolve("2.safetensors")), checkpoint.files());
            assertEquals(Map.of("format", "pt", "of", "one", "more", "x"), checkpoint.metadata());
            assertEquals(3, checkpoint.get("c").get(0));
            assertEquals(folder.resolve("2.safetensors"), checkpoint.get("c").file());
        }
    }

    @Test
    void tensorsThatTheIndexLeavesOutAreThere() throws Exception {
        index(Map.of("a", "1.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals(2, checkpoint.get("b").get(0));
        }
    }

    @Test
    void oneFileGoesBeforeTheIndex() throws Exception {
        index(Map.of("c", "2.safetensors"));
        new SafetensorsWriter().addFloats("single", 4).write(folder.resolve("model.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals("[single]", checkpoint.tensors().keySet().toString());
            assertEquals("Checkpoint " + folder + " with 1 tensors", checkpoint.toString());
        }
    }

    @Test
    void fileOfAnyName() throws Exception {
        Files.move(folder.resolve("1.safetensors"), folder.resolve("weights"));
        try (Checkpoint checkpoint = Checkpoint.open(folder.resolve("weights"))) {
            assertEquals(Files.size(folder.resolve("weights")), checkpoint.sizeInBytes());
            assertThrows(UnsupportedOperationException.class, () -> checkpoint.tensors().clear());
            assertThrows(UnsupportedOperationException.class, () -> checkpoint.metadata().clear());
            assertThrows(UnsupportedOperationException.class, () -> checkpoint.files().clear());
            assertEquals(null, checkpoint.get("none"));
        }
    }

    @Test
    void linksAreFollowedAsInTheHubsCache() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("blobs"));
        Files.move(folder.resolve("1.safetensors"), elsewhere.resolve("x"));
        Files.createSymbolicLink(folder.resolve("model.safetensors"), Path.of("blobs", "x"));
        Checkpoint.open(folder).close();
    }

    @Test
    void saysWhatAFolderLacks() throws Exception {
        assertRefused(folder.resolve("none"), folder.resolve("none") + ": there is no such folder or file");
        assertRefused(folder,
                folder + ": the folder holds no weights: neither model.safetensors nor model.safetensors.index.json, "
                        + "pytorch_model.bin or pytorch_model.bin.index.json");
        Files.createDirectory(folder.resolve("model.safetensors"));
        assertRefused(folder, folder.resolve("model.safetensors") + ": it must be a regular file");
    }

    /** Each of the four kinds goes before those after it, whatever is in them. */
    @Test
    void theOrderInAFolder() throws Exception {
        new TorchWriter().floats("0", 5).tensor("t", "0", 1).write(folder.resolve("pytorch_model-1.bin"));
        Files.writeString(folder.resolve("pytorch_model.bin.index.json"),
                "{\"weight_map\":{\"t\":\"pytorch_model-1.bin\"}}");
        assertOpens("[t F32 [1]]", "pytorch_model-1.bin");
        new TorchWriter().floats("0", 5, 6).tensor("u", "0", 2).write(folder.resolve("pytorch_model.bin"));
        assertOpens("[u F32 [2]]", "pytorch_model.bin");
        index(Map.of("c", "2.safetensors"));
        assertOpens("[c F32 [1]]", "2.safetensors");
        new SafetensorsWriter().addFloats("single", 4).write(folder.resolve("model.safetensors"));
        assertOpens("[single F32 [1]]", "model.safetensors");
    }

    private void assertOpens(String tensors, String file) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals(tensors, checkpoint.tensors().values().toString());
            assertEquals(List.of(folder.resolve(file)), checkpoint.files());
        }
    }

    @Test
    void anIndexOfPyTorchCannotLeadOutOfTheFolder() throws Exception {
        Path index = folder.resolve("pytorch_model.bin.index.json");
        Files.writeString(index, "{\"weight_map\":{\"t\":\"../pytorch_model-1.bin\"}}");
        assertRefused(folder, index + ": tensor \"t\" must be in a file of the same folder, named without a path, not"
                + " in ../pytorch_model-1.bin");
        Files.writeString(index, "{\"weight_map\":{\"t\":\"pytorch_model-1.bin\"}}");
        assertRefused(folder, index + ": 1 of the 1 files that it names are not in its folder: [pytorch_model-1.bin]");
    }

    @Test
    void namesTheMissingShards() throws Exception {
        index(Map.of("a", "1.safetensors", "x", "9.safetensors", "y", "8.safetensors"));
        assertRefused(folder, folder.resolve(INDEX)
                + ": 2 of the 3 files that it names are not in its folder: [8.safetensors, 9.safetensors]");
    }

    @Test
    void everyTensorIsWhereTheIndexSays() throws Exception {
        index(Map.of("a", "2.safetensors", "c", "2.safetensors"));
        assertRefused(folder, folder.resolve("2.safetensors")
                + ": tensor \"a\" must be in this file by the index, but is in none");
        index(Map.of("a", "2.safetensors", "b", "1.safetensors"));
        assertRefused(folder, "must be in this file by the index, but is in " + folder.resolve("1.safetensors"));
    }

    @Test
    void noTensorIsThereTwice() throws Exception {
        Files.copy(folder.resolve("1.safetensors"), folder.resolve("3.safetensors"));
        index(Map.of("a", "1.safetensors", "b", "3.safetensors"));
        assertRefused(folder, folder.resolve("3.safetensors") + ": tensor \"a\" is in "
                + folder.resolve("1.safetensors") + " already");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../1.safetensors", "..", ".", "", "/etc/passwd", "sub/1.safetensors", "sub\\1.safetensors",
        "1.safetensors/", "a\u0000b"})
    void indexCannotLeadOutOfTheFolder(String file) throws Exception {
        index(Map.of("a", file));
        assertRefused(folder, folder.resolve(INDEX)
                + ": tensor \"a\" must be in a file of the same folder, named without a path, not in " + file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "3", "{}", "{\"weight_map\":[]}", "{\"weight_map\":{}}", "{\"weight_map\":null}"})
    void indexHasAWeightMap(String json) throws Exception {
        Files.writeString(folder.resolve(INDEX), json);
        assertRefused(folder, folder.resolve(INDEX) + ": it must have a \"weight_map\" from the tensors' names");
    }

    @Test
    void indexIsJsonOfStrings() throws Exception {
        index(Map.of("a", 1));
        assertRefused(folder, folder.resolve(INDEX) + ": tensor \"a\" must be in a file of the same folder");
        Files.writeString(folder.resolve(INDEX), "{\"weight_map\":");
        assertRefused(folder, folder.resolve(INDEX) + " is not valid JSON: ");
    }
}
