package dev.bert4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * From nothing to an answer: the command from the shell, with the demo checkpoint; and BERT-base in fresh JVMs, with
 * the memory that it needs beside the mapped weights. Everything is in the page cache: the disk is not measured.
 */
final class ColdStart {
    private static final List<String> LAUNCHER_FLAGS = List.of("-XX:+UseSerialGC", "-Xmn16m");
    private static final String WORK = "8x128";

    private ColdStart() {
    }

    static void measure(SectionContext context) throws IOException, InterruptedException {
        Report report = context.report();
        report.heading("Cold start", "what", "median", "least", "greatest");
        print(report, "./bert fill-mask, ms", shell(context.quick() ? 3 : 10));
        int runs = context.quick() ? 2 : 5;
        int calls = context.quick() ? 4 : 10;
        for (List<String> flags : List.of(List.<String>of(), LAUNCHER_FLAGS)) {
            Map<String, Spread> figures = OpenTime.measure(EngineName.BERT4J, context.threads(), runs, calls, WORK,
                    flags);
            String with = flags.isEmpty() ? "" : " with " + String.join(" ", flags);
            print(report, "opening BERT-base, ms" + with, figures.get("open_ms"));
            print(report, "first answer to 1x8 after it, ms" + with, figures.get("first_answer_ms"));
            // Not there on systems without /proc.
            if (figures.containsKey("beyond_weights")) {
                print(report, "peak of own memory at " + WORK + ", MiB" + with, figures.get("peak_anon_and_shmem"));
                print(report, "all but the mapped weights after it, MiB" + with, figures.get("beyond_weights"));
            }
        }
    }

    private static void print(Report report, String what, Spread spread) {
        report.cells(what, spread.median(), spread.least(), spread.greatest());
        report.section("cold-start", "what", what, "median", spread.median(), "least", spread.least(), "greatest",
                spread.greatest());
    }

    private static Spread shell(int runs) throws IOException, InterruptedException {
        Path command = Path.of(System.getProperty("bench.root", ".."), "bert");
        List<Double> millis = new ArrayList<>();
        // The first may build the command, and reads everything from the disk.
        for (int i = -1; i < runs; i++) {
            long begin = System.nanoTime();
            Process process = new ProcessBuilder(command.toString(), "fill-mask", "Nice to [MASK] you")
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " fill-mask failed.");
            }
            if (i >= 0) {
                millis.add((System.nanoTime() - begin) / 1e6);
            }
        }
        return Spread.of(millis);
    }
}
