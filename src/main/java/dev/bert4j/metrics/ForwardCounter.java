package dev.bert4j.metrics;

import java.util.concurrent.atomic.LongAdder;

/** Counts forward passes for {@link ForwardMetrics}. Thread-safe. */
public final class ForwardCounter {
    private final LongAdder texts = new LongAdder();
    private final LongAdder tokens = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final DurationHistogram passes = new DurationHistogram();

    /** Makes one that has counted nothing. */
    public ForwardCounter() {
    }

    /** Counts a pass. */
    public void passed(int ofTexts, int ofTokens, long nanos) {
        texts.add(ofTexts);
        tokens.add(ofTokens);
        passes.record(nanos);
    }

    /** Counts a pass that failed. */
    public void failed() {
        failures.increment();
    }

    /** What was counted so far. */
    public ForwardMetrics snapshot() {
        return new ForwardMetrics(texts.sum(), tokens.sum(), failures.sum(), passes.snapshot());
    }
}
