package dev.bert4j.backend.opencl;

import dev.bert4j.backend.KeyValues;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/** One text's part of a block, which goes when the last of its texts is released, or is nobody's any more. */
final class DeviceKeyValues implements KeyValues {
    private final KeyValueStore store;
    private final KeyValueBlock block;
    private final int first;
    private final int length;
    private final Cleaner.Cleanable cleanable;

    DeviceKeyValues(KeyValueStore store, KeyValueBlock block, int first, int length) {
        this.store = store;
        this.block = block;
        this.first = first;
        this.length = length;
        cleanable = store.claim(this, block);
    }

    boolean isOf(KeyValueStore other) {
        return store == other;
    }

    KeyValueBlock block() {
        return block;
    }

    /** The row of the block that is its first. */
    int first() {
        return first;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int features() {
        return block.features;
    }

    @Override
    public float[] keys() {
        return read(true);
    }

    @Override
    public float[] values() {
        return read(false);
    }

    private float[] read(boolean keys) {
        try {
            return store.read(block, first, length, keys);
        } finally {
            // Not to be nobody's while it is read.
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void release() {
        cleanable.clean();
    }
}
