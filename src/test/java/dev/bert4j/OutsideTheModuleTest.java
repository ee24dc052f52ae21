package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The examples and the adapters are compiled into the module with the tests, where they could use all of it. To their
 * users they are outside, and see what the module exports.
 */
class OutsideTheModuleTest {
    @ParameterizedTest
    @ValueSource(strings = {"src/examples/java", "src/langchain4j/java"})
    void compiles(String folder, @TempDir Path classes) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), "-proc:none",
                "--module-path", System.getProperty("jdk.module.path"), "--add-modules", "dev.bert4j",
                "--class-path", System.getProperty("java.class.path")));
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
        }
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        int exit = ToolProvider.findFirst("javac").orElseThrow().run(writer, writer, arguments.toArray(String[]::new));
        assertEquals(0, exit, said::toString);
        assertTrue(arguments.getLast().endsWith(".java"), "There are no sources.");
    }
}
