package dev.bert4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The comparison with the peers: all rows, then what is not a matter of rows.
 *
 * <p>Options: {@code --quick}, {@code --json}, {@code --rows PATTERN} (a regular expression that the names of rows must
 * contain), {@code --threads 1,2}, {@code --peers NAME} (what the names of peers must contain), {@code --sections
 * concurrency,service,precision,accuracy,allocation,cold-start,scaling} (or {@code none}), and as for {@link Pace}.
 */
public final class Compare {
    private static final List<String> WORK = List.of("1x8", "1x32", "1x128", "1x512", "8x128", "ragged32", "short256");
    /** What is left of the rows when there are only minutes. */
    private static final Pattern QUICK = Pattern.compile("base (1x8|1x32|1x128|8x128)$"
            + "|minilm (1x8|1x128|ragged32|text32)$");

    private static final String BUCKETS = "-buckets";

    /** Models that are cut short or made from a seed on purpose need no warning; a logger that nobody holds is lost. */
    private static final Logger LOGGER = Logger.getLogger("dev.bert4j");

    private final Report report;
    private final Pace pace;
    private final Pattern wanted;
    private final String peers;
    private final Map<Integer, Roofline> rooflines = new TreeMap<>();

    private Compare(Report report, Pace pace, Pattern wanted, String peers) {
        this.report = report;
        this.pace = pace;
        this.wanted = wanted;
        this.peers = peers;
    }

    /** Measures and prints. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Options options = new Options(args, "--quick", "--json");
        boolean quick = options.flag("--quick");
        Report report = new Report(options.flag("--json"));
        String rows = options.text("--rows", null);
        int all = Math.min(2, Runtime.getRuntime().availableProcessors());
        int[] threads = options.numbers("--threads", quick || all == 1 ? Integer.toString(all) : "1,2");
        String sections = options.text("--sections", rows != null ? Sections.NONE
                : quick ? Sections.QUICK : Sections.ALL);
        var compare = new Compare(report, Pace.of(options, quick), rows != null ? Pattern.compile(rows)
                : quick ? QUICK : Pattern.compile(""), options.text("--peers", ""));
        options.refuseOthers();

        LOGGER.setLevel(Level.SEVERE);
        report.line(Machine.description());
        report.section("machine", "description", Machine.description());
        compare.measureRooflines("start", threads);
        List<BenchModel> models = models();
        report.line("");
        report.line(RowResult.HEADER);
        for (BenchModel model : models) {
            for (int count : threads) {
                compare.rows(model, count);
            }
        }
        report.summary();
        compare.measureRooflines("end", threads);
        Roofline roofline = compare.rooflines.get(threads[threads.length - 1]);
        new Sections(report, models, quick, compare.pace, roofline).run(sections);
    }

    private static List<BenchModel> models() throws IOException {
        List<BenchModel> models = new ArrayList<>(List.of(BenchModel.of("base", ModelFolder.PATH)));
        String minilm = System.getProperty("bench.minilm", "");
        if (!minilm.isEmpty() && Files.exists(Path.of(minilm))) {
            models.add(BenchModel.of("minilm", Path.of(minilm)));
        }
        return models;
    }

    private void measureRooflines(String when, int[] threads) {
        for (int count : threads) {
            Roofline now = Roofline.measure(count, pace.sliceNanos());
            now.print(report, when);
            rooflines.merge(count, now, Roofline::best);
        }
    }

    private void rows(BenchModel model, int threads) throws IOException {
        List<String> names = names(model).stream().filter(name -> wanted.matcher(name).find()).toList();
        List<String> passes = names.stream().filter(name -> !name.contains(TextRow.NAME)).toList();
        if (!passes.isEmpty()) {
            // Neighbours may have slowed the first measurement down; nothing is faster than the peak.
            rooflines.merge(threads, Roofline.measure(threads, pace.sliceNanos()), Roofline::best);
            try (Engines engines = Engines.open(model, threads, peers, report)) {
                passes.forEach(name -> pass(name, engines));
            }
        }
        for (String name : names) {
            if (!passes.contains(name)) {
                TextRow.measure(name, model, threads, new Contest(pace, report), report, rooflines.get(threads));
            }
        }
    }

    private static List<String> names(BenchModel model) {
        List<String> names = new ArrayList<>();
        for (String work : WORK) {
            names.add(model.name() + " " + work);
            if (!Work.of(work).even()) {
                names.add(model.name() + " " + work + BUCKETS);
            }
        }
        if (model.name().equals("minilm")) {
            IntStream.of(8, 32, 128).forEach(tokens -> names.add(model.name() + " " + TextRow.NAME + tokens));
        }
        return names;
    }

    private void pass(String row, Engines engines) {
        Work work = Work.of(row.substring(row.indexOf(' ') + 1).replace(BUCKETS, ""));
        Batches batches = row.endsWith(BUCKETS) ? Batches.BUCKETS : Batches.GIVEN;
        BenchModel model = engines.model();
        try (Call ours = engines.ours().prepare(work.texts(), null); Audition audition = new Audition(report)) {
            ours.take(0, 1, 0);
            audition.hold(row, engines, work, batches, ours.values());
            Map<String, Call> calls = new LinkedHashMap<>(Map.of(Bert4j.NAME, ours));
            calls.putAll(audition.calls());
            Map<String, List<Samples>> samples = new Contest(pace, report).hold(row, calls);
            report.row(new RowResult(row, engines.threads(), samples, audition.ways(), model.flops(work.lengths()),
                    work.texts().size() == 1 ? model.layerBytes() : 0, rooflines.get(engines.threads())));
        }
    }
}
