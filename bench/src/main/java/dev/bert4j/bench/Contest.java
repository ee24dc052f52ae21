package dev.bert4j.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures calls in turns of a slice of time, in rounds, so that a machine whose speed drifts is as fast for the one as
 * for the other. What drifts cancels out of the ratio; the milliseconds are those of the hour.
 */
final class Contest {
    private final Pace pace;
    private final Turn turn;
    private final Report report;

    Contest(Pace pace, Report report) {
        this.pace = pace;
        this.turn = new Turn(pace);
        this.report = report;
    }

    /** The samples of each call, a turn each. A call that fails is named and left out. */
    Map<String, List<Samples>> hold(String row, Map<String, Call> calls) {
        Map<String, List<Samples>> samples = new LinkedHashMap<>();
        calls.forEach((name, call) -> attempt(row, name, samples, () -> {
            // Only what is compiled while it runs needs long; the others, once to have seen the shapes.
            turn.warmUp(call, name.startsWith(Bert4j.NAME) ? pace.warmupNanos() : pace.sliceNanos() / 2);
            samples.put(name, new ArrayList<>());
        }));
        for (int round = 0; round < pace.rounds(); round++) {
            List<String> order = new ArrayList<>(samples.keySet());
            // Who goes first changes, so that nobody always follows the same other's heat.
            Collections.rotate(order, -round);
            for (String name : order) {
                attempt(row, name, samples, () -> samples.get(name).add(turn.take(calls.get(name))));
            }
        }
        return samples;
    }

    private void attempt(String row, String name, Map<String, List<Samples>> samples, Runnable what) {
        try {
            what.run();
        } catch (RuntimeException e) {
            if (name.equals(Bert4j.NAME)) {
                throw e;
            }
            report.note(row + ": " + name + " is left out: " + e.getMessage());
            samples.remove(name);
        }
    }
}
