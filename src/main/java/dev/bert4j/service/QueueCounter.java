package dev.bert4j.service;

import dev.bert4j.metrics.DurationHistogram;
import dev.bert4j.metrics.QueueMetrics;

/** Counts what becomes of requests. */
final class QueueCounter {
    private final DurationHistogram waits = new DurationHistogram();
    private long accepted;
    private long rejected;
    private long answered;
    private long failed;
    private long expired;
    private long cancelled;
    private long batches;
    private long items;

    QueueCounter() {
    }

    synchronized void accepted() {
        accepted++;
    }

    synchronized void rejected() {
        rejected++;
    }

    /** One was done before its batch began: taken back, or by its deadline. */
    synchronized void dropped(boolean takenBack) {
        cancelled += takenBack ? 1 : 0;
        expired += takenBack ? 0 : 1;
    }

    /** A batch of so many begins; none is no batch. */
    synchronized void began(int ofItems) {
        batches += ofItems == 0 ? 0 : 1;
        items += ofItems;
    }

    void waited(long nanos) {
        waits.record(nanos);
    }

    synchronized void answered(int ofItems) {
        answered += ofItems;
    }

    synchronized void failed() {
        failed++;
    }

    synchronized QueueMetrics snapshot(int waiting) {
        return new QueueMetrics(accepted, rejected, waiting, (int) (items - answered - failed), answered, failed,
                expired, cancelled, batches, waits.snapshot());
    }
}
