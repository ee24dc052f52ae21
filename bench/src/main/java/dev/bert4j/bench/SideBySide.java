package dev.bert4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Both engines in one JVM, in turns of about a second, so that a machine whose speed drifts is as fast for the one as
 * for the other. What drifts cancels out of the ratio; the milliseconds are those of the hour.
 *
 * <p>Options: {@code --tokens 8,32,128}, {@code --threads 1,2}, {@code --rounds 10}, and in seconds {@code --slice 1},
 * {@code --pause 0.3}, and {@code --warmup 5} for either engine in every row: twice that is the least, for a warm-up
 * goes on while the calls still get faster. {@code --json FILE} writes the rows as JSON, too.
 */
public final class SideBySide {
    private final Turn turn;
    private final int rounds;
    private final long sliceNanos;
    private final long warmupNanos;

    private SideBySide(Options options) {
        turn = new Turn(options.nanos("--pause", 0.3));
        rounds = options.number("--rounds", 10);
        sliceNanos = options.nanos("--slice", 1);
        warmupNanos = options.nanos("--warmup", 5);
    }

    /** Measures and prints. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Options options = new Options(args);
        var measurement = new SideBySide(options);
        int[] tokens = options.numbers("--tokens", "8,32,128");
        int[] threads = options.numbers("--threads", "1,2");
        String json = options.text("--json", null);
        options.refuseOthers();

        List<String> about = new ArrayList<>(List.of(Machine.description()));
        List<Row> rows = new ArrayList<>();
        for (int count : threads) {
            try (Engine ours = EngineName.BERT4J.open(count); Engine theirs = EngineName.ONNXRUNTIME.open(count)) {
                about.addAll(List.of(ours.description(), theirs.description()));
                for (int length : tokens) {
                    rows.add(measurement.row(ours, theirs, length, count));
                    System.err.println(rows.getLast().table());
                }
            }
        }
        about.forEach(System.out::println);
        System.out.println(Row.HEADER);
        rows.forEach(row -> System.out.println(row.table()));
        if (json != null) {
            Files.writeString(Path.of(json), json(about, rows));
        }
    }

    private Row row(Engine ours, Engine theirs, int tokens, int threads) throws InterruptedException {
        int[] ids = ModelFolder.text(tokens);
        Row row = new Row(tokens, threads, new ArrayList<>(), new ArrayList<>());
        try (Engine.Call a = ours.prepare(ids); Engine.Call b = theirs.prepare(ids)) {
            turn.warmUp(a, warmupNanos);
            turn.warmUp(b, warmupNanos);
            for (int i = 0; i < rounds; i++) {
                // Who goes first changes, so that neither always follows the other's heat.
                if (i % 2 == 0) {
                    row.ours().add(turn.take(a, sliceNanos));
                    row.theirs().add(turn.take(b, sliceNanos));
                } else {
                    row.theirs().add(turn.take(b, sliceNanos));
                    row.ours().add(turn.take(a, sliceNanos));
                }
            }
        }
        return row;
    }

    private static String json(List<String> about, List<Row> rows) {
        List<String> quoted = about.stream().map(line -> '"' + line.replace("\"", "\\\"") + '"').toList();
        return "{\"about\": [" + String.join(", ", quoted) + "],\n \"rows\": [\n  "
                + String.join(",\n  ", rows.stream().map(Row::json).toList()) + "]}\n";
    }
}
