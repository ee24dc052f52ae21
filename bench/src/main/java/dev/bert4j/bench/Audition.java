package dev.bert4j.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Finds each peer's best way to do a row: which of its configurations, and in which batches. Each is tried twice, and
 * the better counts, so that the first use of new shapes spoils nothing. Who does not compute what we do is not let in.
 */
final class Audition implements AutoCloseable {
    private static final double MUCH_SLOWER = 1.5;

    private final Report report;
    private final Map<String, Call> calls = new LinkedHashMap<>();
    private final Map<String, Double> millis = new LinkedHashMap<>();
    private final Map<String, String> ways = new LinkedHashMap<>();

    Audition(Report report) {
        this.report = report;
    }

    /** Tries all peers. */
    void hold(String row, Engines engines, Work work, Batches batches, float[] expected) {
        List<int[][]> plans = work.even() ? List.<int[][]>of(Batches.GIVEN.plans(work.texts()).getFirst())
                : batches.plans(work.texts());
        for (Engine peer : engines.peers()) {
            double before = Double.MAX_VALUE;
            for (int[][] plan : plans) {
                if (Batches.padded(work.texts(), plan) && !peer.takesPadding()) {
                    continue;
                }
                try {
                    double now = hear(row, peer, work.texts(), plan, expected);
                    // Larger batches are tried later; once padding costs that much, more of it costs more.
                    if (now > MUCH_SLOWER * before && batches == Batches.BUCKETS) {
                        break;
                    }
                    before = Math.min(before, now);
                } catch (RuntimeException e) {
                    report.note(row + ": " + peer.name() + " is left out: " + e.getMessage());
                    break;
                }
            }
        }
    }

    private double hear(String row, Engine peer, List<int[]> texts, int[][] plan, float[] expected) {
        Call call = peer.prepare(texts, plan);
        double best = call.take(0, 2, 0).minMillis();
        if (best >= millis.getOrDefault(peer.name(), Double.MAX_VALUE)) {
            call.close();
            return best;
        }
        Deviation deviation = Deviation.of(call.values(), expected);
        if (!deviation.within(ParityCheck.TOLERANCE)) {
            call.close();
            throw new IllegalStateException("its hidden states and ours " + deviation);
        }
        Call worse = calls.put(peer.name(), call);
        if (worse != null) {
            worse.close();
        }
        millis.put(peer.name(), best);
        ways.put(peer.name(), plan.length == 1 ? "one batch" : "batches of " + plan[0].length);
        report.progress(String.format(Locale.ROOT, "%s: %.50s, %s, %.1f ms, %s", row, peer.description(),
                ways.get(peer.name()), best, deviation));
        return best;
    }

    /** Each peer's best call, by its name. */
    Map<String, Call> calls() {
        return calls;
    }

    /** How each does it. */
    Map<String, String> ways() {
        return ways;
    }

    @Override
    public void close() {
        calls.values().forEach(Call::close);
    }
}
