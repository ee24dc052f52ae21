package dev.bert4j.backend.opencl;

import dev.bert4j.backend.Activation;

/** An activation in a buffer of the device, {@code [tokens][features]}. */
final class DeviceMatrix implements Activation {
    /** Kernels count values, and those of a last work-group behind them, by an int. */
    private static final int MOST = Integer.MAX_VALUE - 1024;

    private final BufferPool pool;
    private final int tokens;
    private final int features;
    private final long buffer;

    DeviceMatrix(BufferPool pool, int tokens, int features) {
        this.pool = pool;
        this.tokens = tokens;
        this.features = features;
        buffer = pool.take(bytes(tokens, features));
    }

    /**
     * What so many values take.
     *
     * @throws IllegalArgumentException if they are more than kernels can count
     */
    static long bytes(int tokens, int features) {
        if ((long) tokens * features > MOST) {
            throw new IllegalArgumentException(tokens + " tokens of " + features + " values each are more than one call"
                    + " can hold; give fewer texts at a time.");
        }
        return (long) Float.BYTES * tokens * features;
    }

    @Override
    public int tokens() {
        return tokens;
    }

    @Override
    public int features() {
        return features;
    }

    long buffer() {
        return buffer;
    }

    @Override
    public void close() {
        pool.give(buffer);
    }
}
