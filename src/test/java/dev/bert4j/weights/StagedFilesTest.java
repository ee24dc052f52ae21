package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.bert4j.ChildJvm;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that is ended while it writes leaves nothing half-written behind. */
class StagedFilesTest {
    @TempDir
    private Path folder;

    /** Begins to write into a new folder, and ends. */
    static final class Child {
        private Child() {
        }

        public static void main(String[] args) throws Exception {
            Path made = Files.createDirectory(Path.of(args[0]));
            StagedFiles staged = new StagedFiles(made, List.of(made));
            staged.write("model", out -> out.write(ByteBuffer.allocate(100)));
            staged.write("other", out -> {
                out.write(ByteBuffer.allocate(100));
                System.out.println(Files.list(made).count() + " files");
                System.exit(3);
            });
        }
    }

    @Test
    void whatIsEndedFromOutsideLeavesNothing() throws Exception {
        Path made = folder.resolve("made");
        ChildJvm.Result result = ChildJvm.run(List.of(), Map.of(), Child.class, made.toString());
        assertEquals(3, result.exit(), result.output());
        assertEquals("2 files", result.output().strip());
        assertFalse(Files.exists(made));
    }
}
