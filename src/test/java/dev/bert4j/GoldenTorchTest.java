package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.bert4j.json.Json;
import dev.bert4j.weights.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Models in PyTorch's own format answer as the same weights do in safetensors, or are refused: all cases there are. */
class GoldenTorchTest {
    private static final Path CASES = Golden.folder().resolve("torch");

    @TestFactory
    List<DynamicTest> cases() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path folder : folders()) {
            Map<?, ?> expect =
                    (Map<?, ?>) Json.parse(Files.readAllBytes(folder.resolve("expect.json")), folder.toString());
            String name = folder.getFileName().toString();
            if (Boolean.TRUE.equals(expect.get("loads")) || name.equals("legacy")) {
                tests.addAll(runs(folder, (String) expect.get("source")));
            } else if (name.equals("evil")) {
                tests.add(dynamicTest(name, () -> refused(folder)));
            } else {
                tests.add(dynamicTest(name, () -> fail("a case that no test covers: " + expect)));
            }
        }
        assertTrue(tests.size() > 0, "no cases in " + CASES);
        return tests;
    }

    private static List<Path> folders() throws IOException {
        try (Stream<Path> folders = Files.list(CASES)) {
            return folders.sorted().toList();
        }
    }

    private static List<DynamicTest> runs(Path folder, String source) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String backend : GoldenModelsTest.backends()) {
            for (GoldenModelsTest.Run run : GoldenModelsTest.index()) {
                if (run.folder().equals(source)) {
                    tests.add(dynamicTest(backend + " " + folder.getFileName() + " " + run.name(),
                            () -> GoldenModelsTest.compare(backend, run, folder)));
                }
            }
        }
        assertFalse(tests.isEmpty(), "the index has no runs of " + source);
        return tests;
    }

    private static void refused(Path folder) {
        Path file = folder.resolve("pytorch_model.bin");
        String message = assertThrows(CheckpointException.class, () -> BertModel.fromPretrained(folder)).getMessage();
        assertEquals(file + ": its pickle cannot be read at byte 13: it names the Python object \"posix.system\", and"
                + " only what plain tensors need is read; nothing of it was executed; save the model's state_dict()"
                + " alone", message);
        assertFalse(Files.exists(Path.of("pickle_was_executed")));
    }
}
