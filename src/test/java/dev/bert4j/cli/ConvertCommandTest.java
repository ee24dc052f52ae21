package dev.bert4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.Golden;
import dev.bert4j.json.Json;
import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.TorchWriter;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bert convert}: the tensors of the source, under their names, and nothing replaced unasked. */
class ConvertCommandTest {
    private static final Path CASES = Golden.resources().resolve("torch");

    @TempDir
    Path folder;

    private record Result(int code, String out, String err) {
    }

    private static Result bert(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Stream.of(args).map(String::valueOf).toArray(String[]::new);
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), texts);
        return new Result(code, out.toString(), err.toString());
    }

    private static Set<String> files(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private void copy(String name) throws IOException {
        for (String file : files(CASES.resolve(name))) {
            Files.copy(CASES.resolve(name).resolve(file), folder.resolve(file));
        }
    }

    private static void assertEqualTensors(Path expected, Path actual) throws IOException {
        try (Checkpoint before = Checkpoint.open(expected); Checkpoint after = Checkpoint.open(actual)) {
            assertEquals(before.tensors().keySet(), after.tensors().keySet());
            for (WeightTensor tensor : before.tensors().values()) {
                WeightTensor other = after.get(tensor.name());
                assertEquals(tensor.toString(), other.toString());
                assertEquals(-1, tensor.data().mismatch(other.data()), tensor.name());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zip", "sharded", "half", "bfloat16", "parameters", "shared_storage_strided", "legacy"})
    void besideTheBin(String name) throws Exception {
        copy(name);
        Set<String> before = files(folder);
        Result result = bert("convert", folder);
        assertEquals(0, result.code, result.err);
        Path written = folder.resolve("model.safetensors");
        String line = String.format("file        %s  %,d bytes", written, Files.size(written));
        assertEquals(List.of(line, "tensors     39"), result.out.lines().toList());
        assertEqualTensors(CASES.resolve(name), folder);
        before.add("model.safetensors");
        assertEquals(before, files(folder));
    }

    @Test
    void elsewhereWithWhatAModelNeeds() throws Exception {
        copy("zip");
        Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n");
        Path to = folder.resolve("a/b");
        Result result = bert("convert", folder, "--output", to, "--max-shard-size", 30_000, "--json");
        assertEquals(0, result.code, result.err);
        assertEquals(Set.of("config.json", "vocab.txt", "model-00001-of-00003.safetensors",
                "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors",
                "model.safetensors.index.json"), files(to));
        Map<?, ?> json = (Map<?, ?>) Json.parse(result.out, "output");
        assertEquals(files(to), ((Map<?, ?>) json.get("files")).keySet().stream()
                .map(file -> Path.of((String) file).getFileName().toString()).collect(Collectors.toSet()));
        assertEquals(39L, json.get("tensors"));
        assertEquals(Map.of(), json.get("left_out"));
        assertArrayEquals(Files.readAllBytes(folder.resolve("config.json")),
                Files.readAllBytes(to.resolve("config.json")));
        assertEqualTensors(folder, to);
        assertFalse(files(folder).contains("model.safetensors"));
    }

    @Test
    void tiedTensorsAreThereOnce() throws Exception {
        new TorchWriter().storage("0", "Float", 4, new byte[16]).storage("1", "Float", 4, new byte[16])
                .tensor("z.words", "0", 0, new long[] {2, 2}, new long[] {1, 2})
                .tensor("decoder", "0", 0, new long[] {2, 2}, new long[] {1, 2})
                .tensor("view", "0", 0, new long[] {4}, new long[] {1})
                .tensor("bias", "1", 0, new long[] {2}, new long[] {1})
                .tensor("cls.bias", "1", 0, new long[] {2}, new long[] {1})
                .tensor("half", "1", 0, new long[] {1}, new long[] {1})
                .tensor("empty", "1", 0, new long[] {0}, new long[] {1})
                .tensor("empty.too", "1", 0, new long[] {0}, new long[] {1})
                .write(folder.resolve("pytorch_model.bin"));
        Result result = bert("convert", folder.resolve("pytorch_model.bin"));
        assertEquals(0, result.code, result.err);
        assertEquals(List.of("tensors     6", "left out    cls.bias, the same as bias",
                "left out    z.words, the same as decoder"), result.out.lines().skip(1).toList());
        try (Checkpoint written = Checkpoint.open(folder)) {
            assertEquals(Set.of("decoder", "view", "bias", "half", "empty", "empty.too"), written.tensors().keySet());
        }
    }

    @Test
    void nothingIsReplacedUnasked() throws Exception {
        copy("zip");
        for (String there : List.of("model.safetensors", "model.safetensors.index.json",
                "model-00001-of-00002.safetensors")) {
            Files.writeString(folder.resolve(there), "mine");
            Result result = bert("convert", folder);
            assertEquals(1, result.code);
            assertEquals("bert: " + folder.resolve(there)
                    + ": it is there already, and is replaced only when that is asked for (--force)\n", result.err);
            assertEquals("mine", Files.readString(folder.resolve(there)));
            Files.delete(folder.resolve(there));
        }
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("config.json"), "mine");
        Files.writeString(other.resolve("model.safetensors.index.json"), "old");
        assertTrue(bert("convert", folder, "--output", other).err.contains("is there already"));
        assertEquals("mine", Files.readString(other.resolve("config.json")));
        Result forced = bert("convert", folder, "--output", other, "--force");
        assertEquals(0, forced.code, forced.err);
        assertEquals(Set.of("config.json", "model.safetensors"), files(other));
        assertEqualTensors(folder, other);
    }

    /** With force the .bin is read again, not the file that it is converted to. */
    @Test
    void forceConvertsAgain() throws Exception {
        copy("zip");
        Files.writeString(folder.resolve("model.safetensors"), "damaged");
        Result result = bert("convert", folder, "--force");
        assertEquals(0, result.code, result.err);
        assertEqualTensors(CASES.resolve("zip"), folder);
    }

    @Test
    void whatCannotBeConverted() throws Exception {
        assertEquals("bert: " + folder + ": the folder holds no weights of PyTorch's format: neither pytorch_model.bin"
                + " nor pytorch_model.bin.index.json\n", bert("convert", folder).err);
        copy("evil");
        Set<String> before = files(folder);
        Result evil = bert("convert", folder);
        assertEquals(1, evil.code);
        assertTrue(evil.err.lines().count() == 1 && evil.err.contains("posix.system"), evil.err);
        assertEquals(before, files(folder));
        assertEquals(2, bert("convert").code);
        assertEquals(2, bert("convert", folder.resolve("none")).code);
        assertEquals(2, bert("convert", folder, "--max-shard-size", 0).code);
        Path safetensors = Files.createFile(folder.resolve("other.safetensors"));
        assertEquals("bert: " + safetensors + ": it is safetensors already; name a folder with pytorch_model.bin\n",
                bert("convert", safetensors).err);
    }

    @Test
    void infoOpensABin() throws Exception {
        Result result = bert("info", CASES.resolve("half"));
        assertEquals(0, result.code, result.err);
        Path file = CASES.resolve("half/pytorch_model.bin");
        assertTrue(result.out.startsWith("BertModel(\n") && result.out.contains("weights     F16")
                && result.out.contains("file        " + file + "  43,302 bytes"), result.out);
        Map<?, ?> json = (Map<?, ?>) Json.parse(bert("info", "--json", CASES.resolve("sharded")).out, "output");
        assertEquals(2, ((Map<?, ?>) json.get("files")).size());
    }
}
