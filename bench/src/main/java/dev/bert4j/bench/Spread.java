package dev.bert4j.bench;

import java.util.Collection;

/** Where the values of something lie that was measured a few times. */
record Spread(double median, double least, double greatest) {
    static Spread of(Collection<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Spread(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }
}
