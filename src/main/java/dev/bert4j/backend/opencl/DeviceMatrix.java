package dev.bert4j.backend.opencl;

import dev.bert4j.backend.Activation;

/** An activation in a buffer of the device, {@code [tokens][features]}. */
final class DeviceMatrix implements Activation {
    private final BufferPool pool;
    private final int tokens;
    private final int features;
    private final long buffer;

    DeviceMatrix(BufferPool pool, int tokens, int features) {
        this.pool = pool;
        this.tokens = tokens;
        this.features = features;
        buffer = pool.take((long) Float.BYTES * tokens * features);
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
