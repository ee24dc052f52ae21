package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.ChildJvm;
import dev.bert4j.weights.TorchWriter.Pickle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that ask for much memory are refused, or read, by a JVM that has little. */
class TorchMemoryTest {
    private static final int SIDE = 1000;

    @TempDir
    Path folder;

    @Test
    void aSmallHeapIsEnough() throws Exception {
        new TorchWriter().storage("0", "Float", SIDE * SIDE, new byte[4 * SIDE * SIDE])
                .tensor("strided", "0", 0, new long[] {SIDE, SIDE}, new long[] {1, SIDE}).write(file("strided"));
        Pickle dicts = new Pickle().op(0x80, 4);
        Pickle memo = new Pickle().op(0x80, 4);
        Pickle nested = new Pickle().op(0x80, 4, ']');
        for (int i = 0; i < 240_000; i++) {
            dicts.op('}', 0x94);
            memo.op(']', 0x94);
            nested.op(0x85, 0x94);
        }
        pickle("dicts", dicts.op('.'));
        pickle("memo", memo.op('.'));
        pickle("nested", nested.op('.'));
        pickle("text", new Pickle().op(0x80, 2).text("t".repeat(Unpickler.MOST_BYTES - 100)).op('.'));
        pickle("large", new Pickle().op(0x80, 2).text("t".repeat(Unpickler.MOST_BYTES)).op('.'));
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (int i = 0; i < 70_000; i++) {
            entries.put("x/data/" + i, new byte[0]);
        }
        Files.write(file("entries"), TorchWriter.zip(entries, false));
        for (int i = 0; i < 20_000; i++) {
            entries.put("x/data/more/" + i, new byte[0]);
        }
        Files.write(file("directory"), TorchWriter.zip(entries, false));
        ChildJvm.Result child = ChildJvm.run(List.of("-Xmx96m"), Map.of(), Child.class,
                folder.toString());
        assertEquals(0, child.exit(), child.output());
        String[] lines = child.output().lines().toArray(String[]::new);
        String noTensors = "it holds something other than tensors by name";
        String[] faults = {"dicts.bin with 0 tensors was read", "its directory would have",
            "it is a zip without a data.pkl", "its pickle has 16777", noTensors, noTensors,
            "strided.bin with 1 tensors was read", noTensors};
        assertEquals(faults.length, lines.length, child.output());
        for (int i = 0; i < faults.length; i++) {
            assertTrue(lines[i].contains(faults[i]), lines[i]);
        }
    }

    private Path file(String name) {
        return folder.resolve(name + ".bin");
    }

    private void pickle(String name, Pickle pickle) throws Exception {
        Files.write(file(name), TorchWriter.file("x", pickle.bytes(), Map.of(), false));
    }

    /** Opens every file of a folder, in the order of their names. */
    static final class Child {
        private Child() {
        }

        public static void main(String[] args) throws Exception {
            for (String name : List.of("dicts", "directory", "entries", "large", "memo", "nested", "strided", "text")) {
                try (Checkpoint checkpoint = Checkpoint.open(Path.of(args[0], name + ".bin"))) {
                    System.out.println(checkpoint + " was read");
                } catch (CheckpointException e) {
                    System.out.println(e.getMessage());
                }
            }
        }
    }
}
