package dev.bert4j.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What it takes to get going: fresh JVMs that open the checkpoint and answer, and the memory they hold afterwards.
 *
 * <p>The file is read once before, so that it is in the page cache: the disk is not what is measured. With {@code --jvm
 * FLAG} as often as wanted, for instance {@code --jvm -Xmx64m}.
 */
@Command(name = "open-time")
public final class OpenTime implements Callable<Void> {
    /** By this clock the process answered: from its start to its line about the first answer. */
    private static final String SINCE_START = "process_start_to_first_answer_ms";

    @Option(names = "--engine", defaultValue = "bert4j")
    private EngineName engine;
    @Option(names = "--threads")
    private int threads = 2;
    @Option(names = "--runs")
    private int runs = 5;
    @Option(names = "--calls")
    private int calls = 20;
    @Option(names = "--work")
    private String work = "1x128";
    @Option(names = "--jvm")
    private List<String> flags = List.of();

    private OpenTime() {
    }

    /** Measures and prints medians over the runs, least and greatest beside them. */
    public static void main(String[] args) {
        Arguments.run(new OpenTime(), args);
    }

    @Override
    public Void call() throws IOException, InterruptedException {
        Arguments.positive("--threads", threads);
        Arguments.positive("--runs", runs);
        Arguments.positive("--calls", calls);
        Work.of(work);
        Map<String, Spread> figures = measure(engine, threads, runs, calls, work, flags);
        System.out.println(Machine.description());
        System.out.printf("%s, %d threads, %d fresh JVMs%s; memory in MiB after %d calls of %s%n", engine,
                threads, runs, flags.isEmpty() ? "" : " with " + String.join(" ", flags), calls, work);
        System.out.printf("%-34s %10s %10s %10s%n", "", "median", "least", "greatest");
        figures.forEach((name, spread) -> System.out.printf(Locale.ROOT, "%-34s %10.1f %10.1f %10.1f%n", name,
                spread.median(), spread.least(), spread.greatest()));
        return null;
    }

    /** The figures of that many fresh JVMs by name. */
    static Map<String, Spread> measure(EngineName engine, int threads, int runs, int calls, String work,
            List<String> flags) throws IOException, InterruptedException {
        try (var in = Files.newInputStream(engine.weights())) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        Map<String, List<Double>> figures = new LinkedHashMap<>();
        List<String> command = command(flags, engine, threads, calls, work);
        for (int i = 0; i < runs; i++) {
            probe(command, figures);
        }
        Map<String, Spread> spreads = new LinkedHashMap<>();
        figures.forEach((name, values) -> spreads.put(name, Spread.of(values)));
        return spreads;
    }

    private static List<String> command(List<String> flags, EngineName engine, int threads, int calls,
            String work) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                "-Dbench.model=" + ModelFolder.PATH, "-Dbench.graph=" + ModelFolder.GRAPH,
                "-cp", System.getProperty("java.class.path"), OpenProbe.class.getName()));
        command.addAll(List.of(engine.name(), Integer.toString(threads), Integer.toString(calls), work));
        return command;
    }

    private static void probe(List<String> command, Map<String, List<Double>> figures)
            throws IOException, InterruptedException {
        StringBuilder said = new StringBuilder();
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.append(line).append('\n');
                String[] words = line.split(" ");
                if (words.length != 2 || !words[1].matches("[0-9.E-]+")) {
                    continue; // a warning or a log line
                }
                figures.computeIfAbsent(words[0], name -> new ArrayList<>()).add(Double.valueOf(words[1]));
                if (words[0].equals("first_answer_ms")) {
                    figures.computeIfAbsent(SINCE_START, name -> new ArrayList<>())
                            .add((System.nanoTime() - begin) / 1e6);
                }
            }
        }
        if (process.waitFor() != 0) {
            throw new IllegalStateException("The measured JVM failed:\n" + said);
        }
    }
}
