package dev.bert4j;

import com.google.gson.stream.JsonReader;
import dev.bert4j.weights.Checkpoint;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.Configuration;
import picocli.CommandLine;

/** Runs a main class of the tests in a JVM of its own, on the class path. */
public final class ChildJvm {
    /** What makes the Vector API visible on the class path. */
    public static final List<String> VECTOR_API = List.of("--add-modules", "jdk.incubator.vector");

    private ChildJvm() {
    }

    /**
     * How it ended.
     *
     * @param exit its exit status
     * @param output what it printed on both streams
     */
    public record Result(int exit, String output) {
    }

    /** Runs {@code main} to its end; {@code BERT4J_BACKEND} is what {@code environment} says and never inherited. */
    public static Result run(List<String> jvmOptions, Map<String, String> environment, Class<?> main, String... args)
            throws IOException, InterruptedException {
        return run(command(jvmOptions, main, args), environment);
    }

    /** As {@link #run}, with LWJGL on the class path and native access. */
    public static Result runWithOpenCl(List<String> jvmOptions, Class<?> main, String... args)
            throws IOException, InterruptedException {
        List<String> command = command(jvmOptions, main, args);
        int path = command.indexOf("-cp") + 1;
        String lwjgl = Stream.of(Configuration.class, CL10.class).map(ChildJvm::rootOf)
                .collect(Collectors.joining(File.pathSeparator));
        // The jar of the natives lies beside that of the classes, and has its name and the system's.
        Path jar = Path.of(rootOf(Configuration.class));
        String classes = jar.getFileName().toString().replace(".jar", "");
        try (Stream<Path> beside = Files.list(jar.getParent())) {
            lwjgl += beside.filter(file -> file.getFileName().toString().matches(classes + "-natives-.*\\.jar"))
                    .map(file -> File.pathSeparator + file).collect(Collectors.joining());
        }
        command.set(path, command.get(path) + File.pathSeparator + lwjgl);
        command.add(1, "--enable-native-access=ALL-UNNAMED");
        return run(command, Map.of());
    }

    /** Starts {@code main} and leaves it to the caller to wait for it, or to end it. */
    public static Process start(Class<?> main, String... args) throws IOException {
        return builder(command(List.of(), main, args), Map.of()).start();
    }

    private static List<String> command(List<String> jvmOptions, Class<?> main, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:-CreateCoredumpOnCrash");
        command.add("-XX:ErrorFile=" + Path.of("target", "hs_err_child.log").toAbsolutePath());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", Stream.of(Checkpoint.class, ChildJvm.class, JsonReader.class, CommandLine.class)
                .map(ChildJvm::rootOf).collect(Collectors.joining(File.pathSeparator)), main.getName()));
        command.addAll(Arrays.asList(args));
        return command;
    }

    /** Runs {@code main} where no file can grow beyond a number of blocks of 512 or 1,024 bytes, as on a full disk. */
    public static Result runWithFileLimit(int blocks, Class<?> main, String... args)
            throws IOException, InterruptedException {
        // Performance data of a JVM go to a file, too.
        List<String> command = command(List.of("-XX:-UsePerfData"), main, args);
        command.addAll(0, List.of("/bin/sh", "-c", "ulimit -f " + blocks + "; exec \"$@\"", "sh"));
        return run(command, Map.of());
    }

    private static Result run(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        return finish(builder(command, environment).start());
    }

    /** Waits for the end of one that was started. */
    public static Result finish(Process child) throws IOException, InterruptedException {
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(child.waitFor(), output);
    }

    private static ProcessBuilder builder(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("BERT4J_BACKEND");
        builder.environment().putAll(environment);
        return builder;
    }

    /** The folder or jar that a class was loaded from. */
    private static String rootOf(Class<?> type) {
        String path = type.getName().replace('.', '/') + ".class";
        String url = type.getResource("/" + path).toString();
        String root = url.startsWith("jar:") ? url.substring(4, url.indexOf("!/"))
                : url.substring(0, url.length() - path.length());
        return Path.of(URI.create(root)).toString();
    }
}
