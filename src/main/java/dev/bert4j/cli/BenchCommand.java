package dev.bert4j.cli;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bert bench}: how fast a model is here. */
@Command(name = "bench", mixinStandardHelpOptions = true,
        description = "Times forward passes of a model on texts of random tokens. To compare with other engines, "
                + "see bench/compare.")
final class BenchCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;
    private static final int MOST_TOKENS = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Option(names = "--batch", paramLabel = "TEXTSxTOKENS", split = ",", defaultValue = "1x8,1x32,1x128,8x128",
            description = "How many texts of how many tokens at a time, with commas between; ${DEFAULT-VALUE} by "
                    + "default, as far as the model has positions.")
    private List<String> batches;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "3",
            description = "How long each is measured, after a third of that to warm up; ${DEFAULT-VALUE} by default.")
    private double seconds;

    BenchCommand() {
    }

    private record Shape(int texts, int tokens) {
    }

    @Override
    public Integer call() throws IOException {
        if (!(seconds > 0 && seconds <= 3600)) {
            throw new ParameterException(spec.commandLine(), "--seconds must be above 0 and at most 3600, not "
                    + seconds + ".");
        }
        List<Shape> shapes = batches.stream().map(this::shape).toList();
        Path folder = options.folder(null, Hub::download);
        BertConfig config = BertConfig.fromPretrained(folder);
        PrintWriter out = spec.commandLine().getOut();
        try (BertModel model = BertModel.fromPretrained(folder, backend.load().withConfig(config)
                .withoutPoolingLayer())) {
            Table table = new Table("batch", ">median ms", ">p99 ms", ">tokens/s", ">GFLOP/s", ">calls");
            // Lines of JSON come one by one and say themselves how far it is.
            try (Progress progress = options.json() ? null
                    : Progress.ofPercent("bench", spec.commandLine().getErr())) {
                for (int i = 0; i < shapes.size(); i++) {
                    if (fits(shapes.get(i), config)) {
                        print(shapes.get(i), run(model, shapes.get(i)), config, table, out);
                    }
                    if (progress != null) {
                        progress.stepTo(100L * (i + 1) / shapes.size());
                    }
                }
            }
            if (!options.json()) {
                Descriptions.print(folder, model, out);
                out.println();
                table.print(out);
            }
        }
        return 0;
    }

    private boolean fits(Shape shape, BertConfig config) {
        boolean fits = shape.tokens <= config.maxPositionEmbeddings();
        if (!fits && spec.commandLine().getParseResult().hasMatchedOption("--batch")) {
            throw new ParameterException(spec.commandLine(), "--batch asks for texts of " + shape.tokens
                    + " tokens, and the model has positions for " + config.maxPositionEmbeddings() + ".");
        }
        return fits;
    }

    private Shape shape(String text) {
        String[] parts = text.strip().toLowerCase(Locale.ROOT).split("x");
        if (parts.length == 2 && Stream.of(parts).allMatch(part -> part.matches("[1-9][0-9]{0,6}"))
                && Long.parseLong(parts[0]) * Long.parseLong(parts[1]) <= MOST_TOKENS) {
            return new Shape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        }
        throw new ParameterException(spec.commandLine(), "--batch names texts and tokens, as in 8x128, and at most "
                + MOST_TOKENS + " tokens together, not '" + text + "'.");
    }

    /** Seconds of each call, in ascending order. */
    private double[] run(BertModel model, Shape shape) {
        Random random = new Random(shape.tokens);
        List<BertInput> batch = new ArrayList<>();
        for (int i = 0; i < shape.texts; i++) {
            batch.add(BertInput.of(random.ints(shape.tokens, 0, model.config().vocabSize()).toArray()));
        }
        calls(model, batch, seconds / 3);
        double[] times = calls(model, batch, seconds);
        Arrays.sort(times);
        return times;
    }

    private static double[] calls(BertModel model, List<BertInput> batch, double seconds) {
        List<Double> times = new ArrayList<>();
        long end = System.nanoTime() + (long) (seconds * NANOS);
        do {
            long start = System.nanoTime();
            model.forward(batch);
            times.add((System.nanoTime() - start) / NANOS);
        } while (System.nanoTime() < end);
        return times.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Additions and multiplications of the encoder's products, those of attention among them. */
    private static double flops(BertConfig config, Shape shape) {
        double h = config.hiddenSize();
        double perToken = 2 * h * (4 * h + 2.0 * config.intermediateSize()) + 4 * h * shape.tokens;
        return perToken * config.numHiddenLayers() * shape.texts * shape.tokens;
    }

    private void print(Shape shape, double[] times, BertConfig config, Table table, PrintWriter out) {
        double median = times[times.length / 2];
        double p99 = times[Math.min(times.length - 1, (int) (times.length * 0.99))];
        double tokens = shape.texts * shape.tokens / median;
        double gflops = flops(config, shape) / median / NANOS;
        String name = shape.texts + "x" + shape.tokens;
        if (options.json()) {
            out.println(Json.write(Answers.object("batch", name, "median_ms", median * 1e3, "p99_ms", p99 * 1e3,
                    "tokens_per_second", tokens, "gflops", gflops, "calls", times.length)));
            return;
        }
        table.add(name, number("%.2f", median * 1e3), number("%.2f", p99 * 1e3), number("%.0f", tokens),
                number("%.1f", gflops), String.valueOf(times.length));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
