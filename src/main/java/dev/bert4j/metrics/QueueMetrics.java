package dev.bert4j.metrics;

/**
 * The requests of a micro-batcher since it was opened. Each that was accepted is in one of waiting, running, answered,
 * failed, expired and cancelled.
 *
 * @param accepted that came into the queue
 * @param rejected that did not, because the queue was full or the batcher closed
 * @param waiting in the queue now
 * @param running in a batch that runs now
 * @param answered that have their answer
 * @param failed whose own work failed
 * @param expired that met their deadline in the queue
 * @param cancelled that were taken back in the queue
 * @param batches how often the work was called, tries one by one after a failure aside
 * @param waits how long those that came into a batch were in the queue
 */
public record QueueMetrics(long accepted, long rejected, int waiting, int running, long answered, long failed,
        long expired, long cancelled, long batches, Durations waits) {
    /** Requests of an average batch; 0 if there was none. */
    public double meanBatch() {
        return batches == 0 ? 0 : (double) waits.count() / batches;
    }
}
