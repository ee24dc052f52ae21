package dev.bert4j;

/**
 * How a model is saved. Immutable; each {@code with…} returns a changed copy.
 *
 * @param maxShardSize bytes of weights that one file may have, at least 1; a tensor is never split, so that one that is
 *     larger gets a file of its own
 */
public record SaveOptions(long maxShardSize) {
    /** What the reference calls 5GB. */
    private static final long DEFAULT_SHARD_SIZE = 5_000_000_000L;

    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public SaveOptions {
        if (maxShardSize < 1) {
            throw new IllegalArgumentException("maxShardSize must be at least 1 byte, not " + maxShardSize + ".");
        }
    }

    /** Files of at most 5·10⁹ bytes of weights. */
    public static SaveOptions defaults() {
        return new SaveOptions(DEFAULT_SHARD_SIZE);
    }

    /** With files of at most that many bytes of weights. */
    public SaveOptions withMaxShardSize(long bytes) {
        return new SaveOptions(bytes);
    }
}
