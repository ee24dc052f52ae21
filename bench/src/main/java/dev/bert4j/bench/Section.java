package dev.bert4j.bench;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** What is measured beside the rows, each with a table of its own; in options {@code cold-start} is COLD_START. */
enum Section {
    CONCURRENCY(Concurrency::measure), SERVICE(ServiceLoad::measure), PRECISION(Precisions::measure),
    ACCURACY(Accuracy::measure), ALLOCATION(Allocation::measure), COLD_START(ColdStart::measure),
    SCALING(Scaling::measure),
    /** No section. */
    NONE(context -> { });

    /** Those that take minutes only. */
    static final List<Section> QUICK = List.of(CONCURRENCY, ALLOCATION, COLD_START);

    private final Measurement measurement;

    Section(Measurement measurement) {
        this.measurement = measurement;
    }

    /** Measures and reports. */
    void measure(SectionContext context) throws IOException, InterruptedException {
        measurement.measure(context);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private interface Measurement {
        void measure(SectionContext context) throws IOException, InterruptedException;
    }
}
