package dev.bert4j.bench;

import dev.bert4j.LoadOptions;
import dev.bert4j.sentence.SentenceEncoder;
import dev.bert4j.service.BatchSettings;
import dev.bert4j.service.MicroBatcher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A service that makes vectors of sentences with one shared MiniLM: each caller asks again as soon as it has its
 * answer. Calls that go to the model one by one are compared with calls through a micro-batcher.
 */
final class ServiceLoad {
    private static final int[] CALLERS = {1, 2, 8, 32, 128};
    private static final int SENTENCES = 512;

    private final List<String> sentences = Prose.sentences(SENTENCES);
    private final SectionContext context;
    private final long nanos;

    private ServiceLoad(SectionContext context) {
        this.context = context;
        nanos = context.quick() ? 1_500_000_000L : 5_000_000_000L;
    }

    /** What answers a caller. */
    private interface Service {
        float[] encode(String text) throws InterruptedException;
    }

    static void measure(SectionContext context) throws IOException {
        if (context.models().size() < 2) {
            context.report().note("The load of a service is left out: there is no all-MiniLM-L6-v2.");
            return;
        }
        new ServiceLoad(context).run();
    }

    private void run() throws IOException {
        LoadOptions options = LoadOptions.defaults().withThreads(context.threads());
        Map<String, Map<Integer, List<Load>>> loads = new LinkedHashMap<>();
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(context.models().get(1).folder(), options);
                MicroBatcher<String, float[]> batcher = new MicroBatcher<>(
                        texts -> List.of(encoder.encode(texts)), String::length, BatchSettings.defaults())) {
            Map<String, Service> services = new LinkedHashMap<>();
            services.put("one call each", encoder::encode);
            services.put("micro-batches", batcher::call);
            // Each number of callers has its own path through the workers, which the JIT must have seen.
            for (int callers : CALLERS) {
                services.values().forEach(service -> load(service, callers));
            }
            int rounds = context.quick() ? 1 : 3;
            for (int round = 0; round < rounds; round++) {
                for (int callers : CALLERS) {
                    services.forEach((name, service) -> {
                        var before = batcher.metrics();
                        Load load = load(service, callers);
                        var after = batcher.metrics();
                        long batches = after.batches() - before.batches();
                        double texts = after.waits().count() - before.waits().count();
                        loads.computeIfAbsent(name, key -> new LinkedHashMap<>())
                                .computeIfAbsent(callers, key -> new ArrayList<>())
                                .add(load.in(batches == 0 ? 1 : texts / batches));
                    });
                }
            }
        }
        print(loads);
    }

    private Load load(Service service, int callers) {
        List<Samples> samples = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            samples.add(new Samples());
        }
        double seconds = Together.seconds(callers, number -> {
            long end = System.nanoTime() + nanos;
            int next = number * 37;
            do {
                long start = System.nanoTime();
                try {
                    service.encode(sentences.get(next++ % SENTENCES));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                samples.get(number).add(System.nanoTime() - start);
            } while (System.nanoTime() < end);
        });
        Samples all = Samples.together(samples);
        return new Load(all.count() / seconds, all.medianMillis(), all.quantileMillis(0.99), 1);
    }

    private void print(Map<String, Map<Integer, List<Load>>> loads) {
        Report report = context.report();
        report.heading("Sentences to one shared MiniLM on " + context.threads() + " threads", "how", "callers",
                "texts/s", "of one call each", "p50 ms", "p99 ms", "texts a batch");
        loads.forEach((name, byCallers) -> byCallers.forEach((callers, runs) -> {
            Load load = median(runs);
            double ratio = load.throughput / median(loads.values().iterator().next().get(callers)).throughput;
            report.cells(name, callers, load.throughput, ratio, load.p50, load.p99, load.batch);
            report.section("service", "how", name, "callers", callers, "threads", context.threads(), "texts_per_s",
                    load.throughput, "ratio", ratio, "p50_ms", load.p50, "p99_ms", load.p99, "texts_a_batch",
                    load.batch);
        }));
    }

    private static Load median(List<Load> runs) {
        return runs.stream().sorted(Comparator.comparing(Load::throughput)).toList().get(runs.size() / 2);
    }

    /** Texts a second, how long a caller waited, and how many texts ran together. */
    private record Load(double throughput, double p50, double p99, double batch) {
        Load in(double texts) {
            return new Load(throughput, p50, p99, texts);
        }
    }
}
