package dev.bert4j.bench;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.LoadOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether twice the layers, the hidden size or the tokens cost what the arithmetic says: the time of a pass against its
 * floating-point operations, as a table and as {@code scaling.svg}.
 */
final class Scaling {
    private static final int TOKENS = 128;
    private static final int HEAD = 64;

    private final SectionContext context;
    private final List<Series> all = new ArrayList<>();

    private Scaling(SectionContext context) {
        this.context = context;
    }

    static void measure(SectionContext context) throws IOException {
        Scaling scaling = new Scaling(context);
        scaling.layers();
        scaling.hiddenSizes();
        scaling.tokens();
        scaling.print();
        Path chart = Path.of(System.getProperty("bench.svg", "scaling.svg"));
        ScalingChart.write(scaling.all, context.roofline(), chart);
        context.report().line("Drawn in " + chart.getFileName());
    }

    private void layers() throws IOException {
        BenchModel base = context.models().getFirst();
        Series series = new Series("layers", new ArrayList<>());
        for (int layers : new int[] {3, 6, 12}) {
            BertConfig config = base.config().with("num_hidden_layers", layers);
            LoadOptions options = LoadOptions.defaults().withConfig(config);
            series.points.add(point(layers, new BenchModel("", base.folder(), config), options, TOKENS));
        }
        all.add(series);
    }

    private void hiddenSizes() throws IOException {
        Path folder = Files.createTempDirectory("scaling");
        try {
            // A checkpoint without a tensor: all of them are made from the seed.
            byte[] header = "{}      ".getBytes(StandardCharsets.UTF_8);
            byte[] file = new byte[Long.BYTES + header.length];
            file[0] = (byte) header.length;
            System.arraycopy(header, 0, file, Long.BYTES, header.length);
            Files.write(folder.resolve("model.safetensors"), file);
            Files.writeString(folder.resolve(BertConfig.FILE), "{\"model_type\": \"bert\"}");
            Series series = new Series("hidden size", new ArrayList<>());
            for (int hidden : new int[] {192, 384, 768, 1536}) {
                BertConfig config = BertConfig.defaults().with("num_hidden_layers", 3).with("vocab_size", 30522)
                        .with("num_attention_heads", hidden / HEAD).with("hidden_size", hidden)
                        .with("intermediate_size", 4 * hidden);
                LoadOptions options = LoadOptions.defaults().withConfig(config).withInitSeed(1);
                series.points.add(point(hidden, new BenchModel("", folder, config), options, TOKENS));
            }
            all.add(series);
        } finally {
            Files.deleteIfExists(folder.resolve("model.safetensors"));
            Files.deleteIfExists(folder.resolve(BertConfig.FILE));
            Files.delete(folder);
        }
    }

    private void tokens() throws IOException {
        BenchModel base = context.models().getFirst();
        Series series = new Series("tokens", new ArrayList<>());
        for (int tokens : new int[] {16, 32, 64, 128, 256, 512}) {
            series.points.add(point(tokens, base, LoadOptions.defaults(), tokens));
        }
        all.add(series);
    }

    private Point point(int value, BenchModel model, LoadOptions options, int tokens) throws IOException {
        try (BertModel opened = BertModel.fromPretrained(model.folder(), options.withThreads(context.threads()))) {
            LocalCall call = new LocalCall() {
                private final BertInput input = BertInput.of(Work.text(tokens, 0));

                @Override
                public Object run() {
                    return opened.forward(input);
                }

                @Override
                public float[] values() {
                    throw new UnsupportedOperationException();
                }
            };
            long nanos = context.quick() ? 500_000_000L : 2_000_000_000L;
            context.warmUp(call);
            return new Point(value, model.flops(tokens) / 1e9, call.take(1, 3, nanos).medianMillis());
        }
    }

    private void print() {
        Report report = context.report();
        report.heading("Time against arithmetic, " + context.threads() + " threads", "what", "value", "GFLOP", "ms",
                "GFLOP/s", "to the one before: arithmetic", "time");
        for (Series series : all) {
            Point before = null;
            for (Point point : series.points) {
                Object arithmetic = before == null ? "" : point.gflop / before.gflop;
                Object time = before == null ? "" : point.millis / before.millis;
                report.cells(series.name, point.value, point.gflop, point.millis, 1e3 * point.gflop / point.millis,
                        arithmetic, time);
                report.section("scaling", "what", series.name, "value", point.value, "threads", context.threads(),
                        "gflop", point.gflop, "ms", point.millis);
                before = point;
            }
        }
    }

    /** Points of which one number grows. */
    record Series(String name, List<Point> points) {
    }

    /** A pass: what was varied, its arithmetic and its time. */
    record Point(int value, double gflop, double millis) {
    }
}
