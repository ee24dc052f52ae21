package dev.bert4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The script {@code bert} and its archive of classes, in a folder that looks as its own does after a build. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final Path DEMO = Path.of("src/models/demo").toAbsolutePath();

    @TempDir
    private Path root;

    @BeforeEach
    void build() throws IOException, URISyntaxException {
        Files.createDirectories(root.resolve("src/main"));
        Files.createDirectories(root.resolve("native"));
        Files.createDirectories(root.resolve("src/models"));
        Files.createSymbolicLink(root.resolve("src/models/demo"), DEMO);
        Files.createDirectories(root.resolve("target/lib"));
        Files.createFile(root.resolve("pom.xml"));
        Files.copy(Path.of("bert"), root.resolve("bert"));
        pack();
        for (Class<?> library : List.of(JsonReader.class, CommandLine.class)) {
            Path jar = Path.of(library.getProtectionDomain().getCodeSource().getLocation().toURI());
            Files.copy(jar, root.resolve("target/lib").resolve(jar.getFileName()));
        }
        Files.createFile(root.resolve("target/.built"));
    }

    @AfterEach
    void leaveTheDemoAlone() throws IOException {
        Files.delete(root.resolve("src/models/demo"));
    }

    private void pack() {
        int exit = ToolProvider.findFirst("jar").orElseThrow().run(System.out, System.err, "--create", "--file",
                root.resolve("target/bert4j.jar").toString(), "-C", "target/classes", ".");
        assertEquals(0, exit);
    }

    private Process start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", root.resolve("bert").toString(), "tokenize", "hello");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("BERT4J_MODEL");
        return builder.redirectErrorStream(true).start();
    }

    /** All that is said is the answer and the one line of the JVM. */
    private static void requireAnswer(Process bert) throws IOException, InterruptedException {
        String said = new String(bert.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bert.waitFor(), said);
        List<String> lines = new ArrayList<>(said.lines().map(String::strip).toList());
        assertTrue(lines.remove("WARNING: Using incubator modules: jdk.incubator.vector"), said);
        assertTrue(lines.getFirst().startsWith("id"), said);
        assertEquals(4, lines.size(), said);
    }

    /** The one archive that is there, and nothing half made beside it. */
    private Path archive() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("target"))) {
            List<Path> found = files.filter(file -> file.toString().contains(".jsa")).toList();
            assertEquals(1, found.size(), found.toString());
            return found.getFirst();
        }
    }

    @Test
    void theFirstCommandMakesAnArchiveAndTheNextUsesIt() throws Exception {
        requireAnswer(start());
        FileTime made = Files.getLastModifiedTime(archive());
        assertTrue(Files.size(archive()) > 1_000_000);
        requireAnswer(start());
        assertEquals(made, Files.getLastModifiedTime(archive()));
    }

    @Test
    void anArchiveThatDoesNotFitIsNone() throws Exception {
        requireAnswer(start());
        byte[] whole = Files.readAllBytes(archive());
        // Of other jars.
        Files.setLastModifiedTime(root.resolve("target/bert4j.jar"), FileTime.fromMillis(0));
        requireAnswer(start());
        // Cut off; of another JVM, by what its header says; empty; none at all.
        Files.write(archive(), Arrays.copyOf(whole, whole.length / 2));
        requireAnswer(start());
        Arrays.fill(whole, 0, 1000, (byte) 'x');
        for (byte[] content : List.of(whole, new byte[0], "no archive".getBytes(StandardCharsets.UTF_8))) {
            Files.write(archive(), content);
            requireAnswer(start());
        }
    }

    @Test
    void anArchiveThatCannotBeMadeIsNotTriedAgain() throws Exception {
        Files.delete(root.resolve("src/models/demo"));
        start().waitFor();
        assertEquals(0, Files.size(archive()));
        Files.createSymbolicLink(root.resolve("src/models/demo"), DEMO);
        requireAnswer(start());
        assertEquals(0, Files.size(archive()));
    }

    @Test
    void severalFirstCommandsDoNotDisturbEachOther() throws Exception {
        for (Process one : List.of(start(), start(), start())) {
            requireAnswer(one);
        }
        assertTrue(Files.size(archive()) > 1_000_000);
    }
}
