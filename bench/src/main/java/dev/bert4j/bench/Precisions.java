package dev.bert4j.bench;

import dev.bert4j.BertModel;
import dev.bert4j.InputRanges;
import dev.bert4j.weights.CheckpointQuantizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Fewer bits: our int8 and bf16, in Java and in C, against our fp32, and our int8 against that of the peers. Nobody
 * computes the same to the last digit here; the table says how near each comes to fp32, by the cosine of all hidden
 * states.
 */
final class Precisions {
    private static final List<String> ROWS = List.of("1x8", "1x32", "1x128", "8x128", "ragged32");
    private static final String FP32 = "bert4j fp32, vector";
    private static final String INT8 = "bert4j int8, nativecpu:int8";
    private static final String OURS = "bert4j";

    private final SectionContext context;
    private final Map<String, Engine> engines = new LinkedHashMap<>();

    private Precisions(SectionContext context) {
        this.context = context;
    }

    static void measure(SectionContext context) throws IOException {
        Precisions precisions = new Precisions(context);
        try {
            precisions.open();
            precisions.run();
        } finally {
            precisions.engines.values().forEach(Engine::close);
        }
    }

    private void open() throws IOException {
        Path base = context.models().getFirst().folder();
        Path graphs = Path.of(System.getProperty("bench.target", "target"), "graphs");
        Path int8 = graphs.resolve("base-int8");
        if (!Files.exists(int8.resolve("model.safetensors"))) {
            try (BertModel model = BertModel.fromPretrained(base)) {
                CheckpointQuantizer.quantize(base, int8, false, true, new InputRanges(model), percent -> { });
            }
        }
        int threads = context.threads();
        add(FP32, () -> new Bert4j(base, threads, "vector"));
        add("bert4j fp32, nativecpu", () -> new Bert4j(base, threads, "nativecpu"));
        add("bert4j fp32, nativecpu:bf16x3", () -> new Bert4j(base, threads, "nativecpu:bf16x3"));
        add("bert4j int8 weights, vector", () -> new Bert4j(int8, threads, "vector"));
        add("bert4j int8 weights, nativecpu", () -> new Bert4j(int8, threads, "nativecpu"));
        add(INT8, () -> new Bert4j(int8, threads, "nativecpu:int8"));
        add("bert4j int8, nativecpu:int8x2", () -> new Bert4j(int8, threads, "nativecpu:int8x2"));
        Path bf16 = graphs.resolve("base-bf16");
        add("bert4j bf16 weights, vector", () -> new Bert4j(bf16, threads, "vector"));
        add("bert4j bf16 weights, nativecpu", () -> new Bert4j(bf16, threads, "nativecpu"));
        add("bert4j bf16, nativecpu:bf16", () -> new Bert4j(bf16, threads, "nativecpu:bf16"));
        add("ONNX Runtime int8", () -> new OrtBert(graphs.resolve("base").resolve("attention-int8.onnx"), threads,
                true));
        add("CTranslate2 int8", () -> WorkerEngine.open("ctranslate2_int8", base, threads));
        add("OpenVINO int8", () -> WorkerEngine.open("openvino_int8", base, threads));
    }

    private void add(String name, Supplier<Engine> opening) {
        try {
            Engine engine = opening.get();
            context.report().note(name + ": " + engine.description());
            engines.put(name, engine);
        } catch (RuntimeException | LinkageError e) {
            context.report().note(name + " is left out: " + e.getMessage());
        }
    }

    private void run() {
        Report report = context.report();
        report.heading("Fewer bits, BERT-base on " + context.threads() + " threads", "row", "how", "p50 ms",
                "of our fp32", "cosine to fp32");
        for (String row : ROWS) {
            Work work = Work.of(row);
            Map<String, Call> calls = new LinkedHashMap<>();
            engines.forEach((name, engine) -> {
                if (work.even() || engine.takesPadding()) {
                    calls.put(name, engine.prepare(work.texts(), plan(work, name)));
                }
            });
            Map<String, Double> cosines = new LinkedHashMap<>();
            float[] exact = values(calls.get(FP32));
            calls.forEach((name, call) -> cosines.put(name, Deviation.cosine(values(call), exact)));
            Map<String, List<Samples>> samples = new Contest(context.pace(), report).hold(row, calls);
            calls.values().forEach(Call::close);
            print(row, samples, cosines);
        }
    }

    /** Peers get texts of like lengths in batches of eight; we need no padding. */
    private static int[][] plan(Work work, String name) {
        List<int[][]> plans = (work.even() || name.startsWith(OURS) ? Batches.GIVEN : Batches.BUCKETS)
                .plans(work.texts());
        return work.even() || name.startsWith(OURS) ? plans.getFirst()
                : plans.stream().filter(plan -> plan[0].length == 8).findFirst().orElse(plans.getFirst());
    }

    private static float[] values(Call call) {
        call.take(0, 1, 0);
        return call.values();
    }

    private void print(String row, Map<String, List<Samples>> samples, Map<String, Double> cosines) {
        Report report = context.report();
        Map<String, Double> millis = new LinkedHashMap<>();
        samples.forEach((name, turns) -> millis.put(name, Samples.together(turns).medianMillis()));
        millis.forEach((name, ms) -> {
            report.cells(row, name, ms, millis.get(FP32) / ms, String.format("%.6f", cosines.get(name)));
            report.section("precision", "row", row, "threads", context.threads(), "how", name, "p50_ms", ms,
                    "of_our_fp32", millis.get(FP32) / ms, "cosine", cosines.get(name));
        });
        List<String> peers = new ArrayList<>(millis.keySet());
        peers.removeIf(name -> name.startsWith(OURS));
        peers.stream().min((a, b) -> Double.compare(millis.get(a), millis.get(b))).ifPresent(best -> {
            if (millis.containsKey(INT8)) {
                report.cells(row, "best peer's int8 to ours: " + best, millis.get(best),
                        millis.get(best) / millis.get(INT8), "");
                report.section("precision", "row", row, "threads", context.threads(), "best_peer", best,
                        "best_peer_ms", millis.get(best), "ours_ms", millis.get(INT8), "ratio",
                        millis.get(best) / millis.get(INT8));
            }
        });
    }
}
