package dev.bert4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One row of the comparison.
 *
 * @param row its name, {@code base 1x8} for one
 * @param threads threads of each engine
 * @param samples of each engine, a turn each; ours are among them
 * @param ways in which batches each peer does it
 * @param flops floating-point operations of a pass, or 0 where they are not known
 * @param bytes what has to be read from memory once, where that is the limit, or 0
 * @param roofline what the machine can do on these threads
 */
record RowResult(String row, int threads, Map<String, List<Samples>> samples, Map<String, String> ways, double flops,
        double bytes, Roofline roofline) {
    static final String HEADER = """
            | row | threads | bert4j p50 (p99) ms | best peer | p50 (p99) ms | ratio | by round \
            | GFLOP/s | of peak | GB/s | of stream |
            |---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|""";

    private List<Samples> ours() {
        return samples.get(Bert4j.NAME);
    }

    /** The peer whose median is the least, or null where no peer is left. */
    String bestPeer() {
        return samples.keySet().stream().filter(name -> !name.equals(Bert4j.NAME))
                .min(Comparator.comparing(this::median)).orElse(null);
    }

    private double median(String name) {
        return Samples.together(samples.get(name)).medianMillis();
    }

    /** Throughput of bert4j over that of the best peer, by their medians: above 1, bert4j is the faster. */
    double ratio() {
        return median(bestPeer()) / median(Bert4j.NAME);
    }

    /** The same round by round, in ascending order: how far the machine's moods move it. */
    double[] ratiosByRound() {
        List<Samples> theirs = samples.get(bestPeer());
        double[] ratios = new double[ours().size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = theirs.get(i).medianMillis() / ours().get(i).medianMillis();
        }
        Arrays.sort(ratios);
        return ratios;
    }

    private double gflops() {
        return flops / median(Bert4j.NAME) / 1e6;
    }

    private double gigabytes() {
        return bytes / median(Bert4j.NAME) / 1e6;
    }

    String table() {
        List<String> cells = new ArrayList<>(List.of(row, Integer.toString(threads), times(Bert4j.NAME)));
        if (bestPeer() == null) {
            cells.addAll(List.of("", "", "", ""));
        } else {
            double[] rounds = ratiosByRound();
            String way = ways.getOrDefault(bestPeer(), "one batch");
            cells.addAll(List.of(bestPeer() + (way.equals("one batch") ? "" : ", " + way), times(bestPeer()),
                    format("%.2f", ratio()), format("%.2f–%.2f", rounds[0], rounds[rounds.length - 1])));
        }
        cells.add(flops == 0 ? "" : format("%.1f", gflops()));
        cells.add(flops == 0 ? "" : format("%.0f%%", 100 * gflops() / roofline.gflops()));
        cells.add(bytes == 0 ? "" : format("%.1f", gigabytes()));
        cells.add(bytes == 0 ? "" : format("%.0f%%", 100 * gigabytes() / roofline.gigabytes()));
        return "| " + String.join(" | ", cells) + " |";
    }

    private String times(String name) {
        Samples all = Samples.together(samples.get(name));
        return format("%.2f (%.2f)", all.medianMillis(), all.quantileMillis(0.99));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("row", row);
        json.put("threads", threads);
        json.put("ours_ms", median(Bert4j.NAME));
        json.put("ours_p99_ms", p99(Bert4j.NAME));
        json.put("best_peer", bestPeer());
        json.put("best_peer_ms", bestPeer() == null ? null : median(bestPeer()));
        json.put("best_peer_p99_ms", bestPeer() == null ? null : p99(bestPeer()));
        json.put("ratio", bestPeer() == null ? null : ratio());
        json.put("ratio_by_round", bestPeer() == null ? null : Arrays.stream(ratiosByRound()).boxed().toList());
        json.put("gflops", flops == 0 ? null : gflops());
        json.put("share_of_peak", flops == 0 ? null : gflops() / roofline.gflops());
        if (bytes > 0) {
            json.put("gb_s", gigabytes());
            json.put("share_of_stream", gigabytes() / roofline.gigabytes());
        }
        Map<String, Object> peers = new LinkedHashMap<>();
        samples.keySet().stream().filter(name -> !name.equals(Bert4j.NAME)).forEach(name -> {
            Map<String, Object> peer = new LinkedHashMap<>();
            peer.put("ms", median(name));
            peer.put("p99_ms", p99(name));
            peer.put("min_ms", Samples.together(samples.get(name)).minMillis());
            peer.put("way", ways.getOrDefault(name, "one batch"));
            peers.put(name, peer);
        });
        json.put("ours_min_ms", Samples.together(ours()).minMillis());
        json.put("peers", peers);
        return json;
    }

    private double p99(String name) {
        return Samples.together(samples.get(name)).quantileMillis(0.99);
    }
}
