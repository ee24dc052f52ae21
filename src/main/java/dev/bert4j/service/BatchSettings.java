package dev.bert4j.service;

/**
 * The limits of a {@link MicroBatcher}. Immutable; each {@code with…} returns a changed copy.
 *
 * @param maxWeight what the items of a batch may weigh together (tokens, characters, or 1 each); one that weighs more
 *     runs alone
 * @param queueCapacity how many items may wait
 */
public record BatchSettings(long maxWeight, int queueCapacity) {
    private static final BatchSettings DEFAULTS = new BatchSettings(8192, 1024);

    /** Checks it. */
    public BatchSettings {
        if (maxWeight < 1) {
            throw new IllegalArgumentException("maxWeight must be at least 1, not " + maxWeight + ".");
        }
        if (queueCapacity < 1) {
            throw new IllegalArgumentException("queueCapacity must be at least 1, not " + queueCapacity + ".");
        }
    }

    /** 8192 of weight and 1024 items that wait. */
    public static BatchSettings defaults() {
        return DEFAULTS;
    }

    /** With that much weight a batch. */
    public BatchSettings withMaxWeight(long weight) {
        return new BatchSettings(weight, queueCapacity);
    }

    /** With room for so many items that wait. */
    public BatchSettings withQueueCapacity(int items) {
        return new BatchSettings(maxWeight, items);
    }
}
