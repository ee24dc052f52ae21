package dev.bert4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The comparison with the peers: all rows, then what is not a matter of rows; {@code bench/compare --help}. */
@Command(name = "compare")
public final class Compare implements Callable<Void> {
    private static final List<String> WORK = List.of("1x8", "1x32", "1x128", "1x512", "8x128", "ragged32", "short256");
    /** What is left of the rows when there are only minutes. */
    private static final Pattern QUICK = Pattern.compile("base (1x8|1x32|1x128|8x128)$"
            + "|minilm (1x8|1x128|ragged32|text32)$");

    private static final String BUCKETS = "-buckets";

    private static final String NO_ROWS = "none";

    /** Models that are cut short or made from a seed on purpose need no warning; a logger that nobody holds is lost. */
    private static final Logger LOGGER = Logger.getLogger("dev.bert4j");

    @Option(names = "--quick")
    private boolean quick;
    @Option(names = "--json")
    private boolean json;
    @Option(names = "--rows")
    private Pattern rows;
    @Option(names = "--threads", split = ",")
    private List<Integer> threads;
    @Option(names = "--peers", defaultValue = "")
    private String peers;
    @Option(names = "--sections", split = ",")
    private List<Section> sections;
    @Mixin
    private final Pace.Options paceOptions = new Pace.Options();

    private final Map<Integer, Roofline> rooflines = new TreeMap<>();
    private Pace pace;
    private Report report;

    /** With the options that a command line will give. */
    Compare() {
    }

    /** Measures and prints. */
    public static void main(String[] args) {
        Arguments.run(new Compare(), args);
    }

    @Override
    public Void call() throws IOException, InterruptedException {
        pace = paceOptions.pace(quick);
        List<BenchModel> models = models();
        checkRows(models);
        report = new Report(json);

        LOGGER.setLevel(Level.SEVERE);
        report.line(Machine.description());
        report.section("machine", "description", Machine.description());
        measureRooflines("start");
        report.line("");
        report.line(RowResult.HEADER);
        for (BenchModel model : models) {
            for (int count : threads()) {
                rows(model, count);
            }
        }
        report.summary();
        measureRooflines("end");
        var context = new SectionContext(report, models, quick, pace, rooflines.get(threads().getLast()));
        for (Section section : sections()) {
            section.measure(context);
        }
        return null;
    }

    /** Numbers of threads of each engine. */
    List<Integer> threads() {
        if (threads != null) {
            threads.forEach(count -> Arguments.positive("--threads", count));
            return threads;
        }
        int all = Math.min(2, Runtime.getRuntime().availableProcessors());
        return quick || all == 1 ? List.of(all) : List.of(1, 2);
    }

    /** What is measured beside the rows: nothing unless asked for, where rows are named. */
    List<Section> sections() {
        return sections != null ? sections : rows != null ? List.of()
                : quick ? Section.QUICK : List.of(Section.values());
    }

    private boolean wanted(String row) {
        return (rows != null ? rows : quick ? QUICK : Pattern.compile("")).matcher(row).find();
    }

    /** A pattern that finds nothing by mistake would not be noticed before the peers are there. */
    void checkRows(List<BenchModel> models) {
        List<String> all = models.stream().flatMap(model -> names(model).stream()).toList();
        if (rows != null && !rows.pattern().equals(NO_ROWS) && all.stream().noneMatch(this::wanted)) {
            throw new IllegalArgumentException("--rows " + rows + " finds none of the rows, which are "
                    + String.join(", ", all) + "; '" + NO_ROWS + "' measures none.");
        }
    }

    private static List<BenchModel> models() throws IOException {
        List<BenchModel> models = new ArrayList<>(List.of(BenchModel.of("base", ModelFolder.PATH)));
        String minilm = System.getProperty("bench.minilm", "");
        if (!minilm.isEmpty() && Files.exists(Path.of(minilm))) {
            models.add(BenchModel.of("minilm", Path.of(minilm)));
        }
        return models;
    }

    private void measureRooflines(String when) {
        for (int count : threads()) {
            Roofline now = Roofline.measure(count, pace.sliceNanos());
            now.print(report, when);
            rooflines.merge(count, now, Roofline::best);
        }
    }

    private void rows(BenchModel model, int count) throws IOException {
        List<String> names = names(model).stream().filter(this::wanted).toList();
        List<String> passes = names.stream().filter(name -> !name.contains(TextRow.NAME)).toList();
        if (!passes.isEmpty()) {
            // Neighbours may have slowed the first measurement down; nothing is faster than the peak.
            rooflines.merge(count, Roofline.measure(count, pace.sliceNanos()), Roofline::best);
            try (Engines engines = Engines.open(model, count, peers, report)) {
                passes.forEach(name -> pass(name, engines));
            }
        }
        for (String name : names) {
            if (!passes.contains(name)) {
                TextRow.measure(name, model, count, new Contest(pace, report), report, rooflines.get(count));
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
