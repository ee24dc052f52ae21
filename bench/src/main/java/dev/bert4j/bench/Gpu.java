package dev.bert4j.bench;

import dev.bert4j.BertConfig;
import dev.bert4j.BertForSequenceClassification;
import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.LoadOptions;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * BERT-base on one OpenCL device, precision by precision and row by row. A call begins with ids and ends with its
 * answer on the Java heap: once all hidden states, once the class of each text, for which little comes back.
 */
@Command(name = "gpu")
public final class Gpu implements Callable<Void> {
    private static final long SEED = 7;
    /** What the answers are compared on, with those of the processor. */
    private static final Work CHECK = Work.of("ragged8");

    @Option(names = "--device")
    private String device = "opencl";
    @Option(names = "--precisions", split = ",", defaultValue = "fp32,tf32x3,tf32,bf16")
    private List<String> precisions;
    @Option(names = "--rows", split = ",", defaultValue = "1x32,1x128,8x128,64x128,32x512")
    private List<String> rows;
    @Option(names = "--seconds")
    private double seconds = 2;
    @Option(names = "--json")
    private boolean json;

    private Gpu() {
    }

    /** Measures and prints. */
    public static void main(String[] args) {
        Arguments.run(new Gpu(), args);
    }

    @Override
    public Void call() throws IOException {
        long nanos = Arguments.nanos("--seconds", seconds);
        rows.forEach(Work::of);
        BenchModel shape = BenchModel.of("base", ModelFolder.PATH);
        float[] expected;
        try (BertModel cpu = model("cpu")) {
            expected = hidden(cpu);
        }
        System.err.println(Machine.description());
        if (!json) {
            System.out.printf("%-8s %-8s %10s %10s %10s %10s %10s%n", "", "row", "hidden ms", "class ms", "TFLOP/s",
                    "tokens/s", "deviation");
        }
        for (String precision : precisions) {
            String backend = precision.equals("fp32") ? device : device + ":" + precision;
            try (BertModel model = model(backend); BertForSequenceClassification classes = BertForSequenceClassification
                    .fromPretrained(ModelFolder.PATH, options(backend).withInitSeed(SEED))) {
                System.err.println(model.backend().description());
                double deviation = Deviation.of(hidden(model), expected).scaled();
                for (String row : rows) {
                    Work work = Work.of(row);
                    List<BertInput> inputs = work.texts().stream().map(BertInput::of).toList();
                    double hidden = median(nanos, () -> model.forward(inputs));
                    double ofClass = median(nanos, () -> classes.forward(inputs));
                    print(json, precision, work, hidden, ofClass, classFlops(shape, work.lengths()), deviation);
                }
            } catch (IllegalStateException e) {
                System.err.println(e.getMessage());
            }
        }
        return null;
    }

    private static LoadOptions options(String backend) {
        return LoadOptions.defaults().withBackend(backend);
    }

    private static BertModel model(String backend) throws IOException {
        return BertModel.fromPretrained(ModelFolder.PATH, options(backend));
    }

    private static float[] hidden(BertModel model) {
        return Bert4j.Forward.joined(model.forward(CHECK.texts().stream().map(BertInput::of).toList()).stream()
                .map(output -> output.lastHiddenState().data()).toList());
    }

    /** Of the last layer only keys and values are computed of every token; all else of the first alone. */
    private static double classFlops(BenchModel shape, int[] lengths) {
        BertConfig config = shape.config();
        double hidden = shape.hidden();
        double spared = 2 * hidden * hidden + 2 * hidden * config.intermediateSize();
        double products = 0;
        for (int tokens : lengths) {
            products += (tokens - 1) * (spared + 2 * tokens * hidden);
        }
        return shape.flops(lengths) - 2 * products;
    }

    private static double median(long nanos, Runnable call) {
        // Tiles are measured and programs built when a shape comes first.
        call.run();
        call.run();
        Samples samples = new Samples();
        long end = System.nanoTime() + nanos;
        do {
            long begin = System.nanoTime();
            call.run();
            samples.add(System.nanoTime() - begin);
        } while (System.nanoTime() < end || samples.count() < 5);
        return samples.medianMillis();
    }

    private static void print(boolean json, String precision, Work work, double hidden, double ofClass, double flops,
            double deviation) {
        double teraflops = flops / ofClass / 1e9;
        double tokens = Arrays.stream(work.lengths()).sum() / ofClass * 1e3;
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("precision", precision);
            object.put("row", work.name());
            object.put("hidden_ms", hidden);
            object.put("class_ms", ofClass);
            object.put("tflops", teraflops);
            object.put("tokens_per_second", tokens);
            object.put("deviation", deviation);
            System.out.println(Json.write(object));
        } else {
            System.out.printf(Locale.ROOT, "%-8s %-8s %10.3f %10.3f %10.2f %10.0f %10.1e%n", precision, work.name(),
                    hidden, ofClass, teraflops, tokens, deviation);
        }
    }
}
