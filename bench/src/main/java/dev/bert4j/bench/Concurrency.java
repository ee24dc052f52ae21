package dev.bert4j.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several callers of one shared model, each with a text of 32 tokens at a time: how much they get done together, and
 * how long each waits. It is compared with a single caller who has all threads. ONNX Runtime is shown with and without
 * spinning, since threads that spin take the cores from other callers.
 */
final class Concurrency {
    private static final int TOKENS = 32;
    private static final int[] CALLERS = {1, 2, 8, 32};

    private final SectionContext context;
    private final long nanos;
    private final Map<String, Map<Integer, List<Load>>> loads = new LinkedHashMap<>();

    private Concurrency(SectionContext context) {
        this.context = context;
        nanos = context.quick() ? 1_000_000_000L : 4_000_000_000L;
    }

    static void measure(SectionContext context) {
        BenchModel model = context.models().getFirst();
        int threads = context.threads();
        var graph = model.folder().resolve(ModelFolder.GRAPH);
        Map<String, Engine> engines = new LinkedHashMap<>();
        engines.put(Bert4j.NAME, new Bert4j(model.folder(), threads));
        engines.put(OrtBert.NAME, new OrtBert(graph, threads, true));
        engines.put(OrtBert.NAME + ", not spinning", new OrtBert(graph, threads, false));
        try {
            Concurrency concurrency = new Concurrency(context);
            int rounds = context.quick() ? 1 : 3;
            engines.values().forEach(engine -> context.warmUp(
                    engine.prepare(List.of(Work.text(TOKENS, 0)), new int[][] {{0}})));
            for (int round = 0; round < rounds; round++) {
                for (int callers : CALLERS) {
                    engines.forEach((name, engine) -> concurrency.loads
                            .computeIfAbsent(name, key -> new LinkedHashMap<>())
                            .computeIfAbsent(callers, key -> new ArrayList<>()).add(concurrency.run(engine, callers)));
                }
            }
            concurrency.print();
        } finally {
            engines.values().forEach(Engine::close);
        }
    }

    private Load run(Engine engine, int callers) {
        List<LocalCall> calls = new ArrayList<>();
        List<Samples> samples = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            calls.add((LocalCall) engine.prepare(List.of(Work.text(TOKENS, i)), new int[][] {{0}}));
            samples.add(new Samples());
        }
        // The length of the load is known only at its end: the last calls of all callers belong to it.
        double seconds = Together.seconds(callers, number -> samples.set(number,
                calls.get(number).take(0, 1, nanos)));
        calls.forEach(Call::close);
        Samples all = Samples.together(samples);
        return new Load(all.count() / seconds, all.medianMillis(), all.quantileMillis(0.99));
    }

    private void print() {
        Report report = context.report();
        report.heading("Callers of one shared BERT-base on " + context.threads() + " threads, texts of " + TOKENS
                + " tokens", "engine", "callers", "texts/s", "of one caller's", "p50 ms", "p99 ms", "p99/p50");
        loads.forEach((name, byCallers) -> {
            double alone = median(byCallers.get(CALLERS[0])).throughput();
            byCallers.forEach((callers, runs) -> {
                Load load = median(runs);
                report.cells(name, callers, load.throughput(), load.throughput() / alone, load.p50(), load.p99(),
                        load.p99() / load.p50());
                report.section("concurrency", "engine", name, "callers", callers, "threads", context.threads(),
                        "texts_per_s", load.throughput(), "to_one_caller", load.throughput() / alone, "p50_ms",
                        load.p50(), "p99_ms", load.p99());
            });
        });
    }

    private static Load median(List<Load> runs) {
        return runs.stream().sorted(Comparator.comparing(Load::throughput)).toList().get(runs.size() / 2);
    }

    /** Texts a second, and how long a text took. */
    private record Load(double throughput, double p50, double p99) {
    }
}
