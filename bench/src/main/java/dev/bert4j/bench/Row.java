package dev.bert4j.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One row of the comparison.
 *
 * @param tokens tokens of the text
 * @param threads threads of either engine
 * @param ours the samples of bert4j, a turn each
 * @param theirs those of ONNX Runtime
 */
record Row(int tokens, int threads, List<Samples> ours, List<Samples> theirs) {
    static final String HEADER = """
            | tokens | threads | bert4j p50 (min) ms | GFLOP/s | onnxruntime p50 (min) ms | GFLOP/s \
            | ratio of p50 | of min | by round |
            |---:|---:|---:|---:|---:|---:|---:|---:|---:|""";

    String table() {
        Samples a = together(ours);
        Samples b = together(theirs);
        double[] rounds = ratiosByRound();
        return String.format(Locale.ROOT, "| %d | %d %s %s | %.3f | %.3f | %.2f–%.2f |", tokens, threads, cells(a),
                cells(b), ratio(), b.minMillis() / a.minMillis(), rounds[0], rounds[rounds.length - 1]);
    }

    private String cells(Samples samples) {
        return String.format(Locale.ROOT, "| %.2f (%.2f) | %.1f", samples.medianMillis(), samples.minMillis(),
                gflops(samples));
    }

    String json() {
        double[] rounds = ratiosByRound();
        return String.format(Locale.ROOT, "{\"tokens\": %d, \"threads\": %d, \"bert4j\": %s, \"onnxruntime\": %s, "
                + "\"ratio\": %.4f, \"ratio_by_round\": %s}", tokens, threads, json(together(ours)),
                json(together(theirs)), ratio(), Arrays.toString(rounds));
    }

    private String json(Samples samples) {
        return String.format(Locale.ROOT, "{\"calls\": %d, \"min_ms\": %.4f, \"p50_ms\": %.4f, \"p90_ms\": %.4f, "
                + "\"p99_ms\": %.4f, \"gflops\": %.2f}", samples.count(), samples.minMillis(), samples.medianMillis(),
                samples.quantileMillis(0.9), samples.quantileMillis(0.99), gflops(samples));
    }

    /** Throughput of bert4j over that of ONNX Runtime, by their medians: above 1, bert4j is the faster. */
    double ratio() {
        return together(theirs).medianMillis() / together(ours).medianMillis();
    }

    /** The same round by round, in ascending order: how far the machine's moods move it. */
    private double[] ratiosByRound() {
        double[] ratios = new double[ours.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = Math.round(1e4 * theirs.get(i).medianMillis() / ours.get(i).medianMillis()) / 1e4;
        }
        Arrays.sort(ratios);
        return ratios;
    }

    private double gflops(Samples samples) {
        return ModelFolder.flops(tokens) / samples.medianMillis() / 1e6;
    }

    private static Samples together(List<Samples> turns) {
        Samples all = new Samples();
        turns.forEach(all::addAll);
        return all;
    }
}
