package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.ChildJvm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

    private static void put(StagedFiles staged, String name) throws IOException {
        staged.write(name, out -> out.write(ByteBuffer.wrap("new".getBytes(StandardCharsets.UTF_8))));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theFileThatAFolderIsKnownByGoesFirstAndComesLast() throws Exception {
        for (String name : List.of("config", "other", "stale")) {
            Files.writeString(folder.resolve(name), "old");
        }
        try (StagedFiles staged = new StagedFiles(folder)) {
            put(staged, "config");
            put(staged, "other");
            staged.putInPlace("config", () -> {
                assertFalse(Files.exists(folder.resolve("config")));
                assertEquals("new", Files.readString(folder.resolve("other")));
                Files.delete(folder.resolve("stale"));
            });
        }
        assertEquals(List.of("config", "other"), names());
        assertEquals("new", Files.readString(folder.resolve("config")));
    }

    @Test
    void whatIsNotAmongThemStays() throws Exception {
        Files.writeString(folder.resolve("config"), "old");
        try (StagedFiles staged = new StagedFiles(folder)) {
            put(staged, "other");
            staged.putInPlace("config", () -> { });
        }
        assertEquals("old", Files.readString(folder.resolve("config")));
        assertEquals(List.of("config", "other"), names());
    }

    @Test
    void anExchangeThatFailsLeavesNothingUnfinished() throws Exception {
        Files.writeString(folder.resolve("config"), "old");
        try (StagedFiles staged = new StagedFiles(folder)) {
            put(staged, "config");
            put(staged, "other");
            assertThrows(IOException.class, () -> staged.putInPlace("config", () -> {
                throw new IOException("no");
            }));
        }
        assertEquals(List.of("other"), names());
    }

    /** Ends while files take their places. */
    static final class Ended {
        private Ended() {
        }

        public static void main(String[] args) throws Exception {
            StagedFiles staged = new StagedFiles(Path.of(args[0]));
            put(staged, "config");
            put(staged, "other");
            staged.putInPlace("config", () -> {
                Thread.startVirtualThread(() -> System.exit(3));
                try {
                    Thread.sleep(500);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            });
            Thread.sleep(60_000);
        }
    }

    @Test
    void anExchangeThatHasBegunIsFinished() throws Exception {
        ChildJvm.Result result = ChildJvm.run(List.of(), Map.of(), Ended.class, folder.toString());
        assertEquals(3, result.exit(), result.output());
        assertEquals(List.of("config", "other"), names());
    }

    @Test
    void whatAKilledProcessHasLeftGoesTheNextTime() throws Exception {
        Path abandoned = Files.writeString(folder.resolve("other.1f.tmp"), "half");
        Path young = Files.writeString(folder.resolve("other.2f.tmp"), "half");
        Path claimed = Files.writeString(folder.resolve("other.3f.tmp"), "half");
        List<String> notOurs = List.of("another.1f.tmp", "other.tmp", "other.xyz.tmp", "other.1f.tmp.tmp");
        for (String name : notOurs) {
            Files.writeString(folder.resolve(name), "");
        }
        FileTime longAgo = FileTime.from(Instant.now().minusSeconds(3600));
        for (Path file : List.of(abandoned, claimed)) {
            Files.setLastModifiedTime(file, longAgo);
        }
        for (String name : notOurs) {
            Files.setLastModifiedTime(folder.resolve(name), longAgo);
        }
        try (FileChannel channel = FileChannel.open(claimed, StandardOpenOption.WRITE);
                StagedFiles staged = new StagedFiles(folder)) {
            AbandonedFiles.claim(channel);
            put(staged, "other");
            staged.putInPlace();
        }
        assertFalse(Files.exists(abandoned));
        assertTrue(Files.exists(young));
        assertTrue(Files.exists(claimed));
        for (String name : notOurs) {
            assertTrue(Files.exists(folder.resolve(name)), name);
        }
        assertEquals("new", Files.readString(folder.resolve("other")));
    }
}
