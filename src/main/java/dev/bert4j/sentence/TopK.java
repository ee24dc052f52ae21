package dev.bert4j.sentence;

import dev.bert4j.sentence.SemanticSearch.Hit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Keeps the best of what it is shown in ascending order of numbers; of equal ones the first. */
final class TopK {
    private static final Comparator<Hit> WORST_FIRST = Comparator.comparing(Hit::score)
            .thenComparing(Hit::corpusId, Comparator.reverseOrder());

    private final int k;
    private final PriorityQueue<Hit> best = new PriorityQueue<>(WORST_FIRST);
    /** What a score must exceed. */
    private float floor = Float.NEGATIVE_INFINITY;

    /** Of {@code k}, at least 1. */
    TopK(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("topK must be at least 1, not " + k + ".");
        }
        this.k = k;
    }

    void show(int corpusId, float score) {
        if (best.size() == k) {
            if (score <= floor) {
                return;
            }
            best.remove();
        }
        best.add(new Hit(corpusId, score));
        if (best.size() == k) {
            floor = best.peek().score();
        }
    }

    /** The best first. */
    List<Hit> hits() {
        List<Hit> hits = new ArrayList<>(best);
        hits.sort(WORST_FIRST.reversed());
        return hits;
    }
}
