package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import dev.bert4j.backend.DeviceMemoryException;
import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The keys and values that calls keep on a device. Their owners need not close them: what nobody can ask for any more
 * goes when the garbage collector finds out. It sees little of the device's memory, though, and may take its time; so
 * there is a limit, beyond which blocks that were not used for longest move to the host, from where the next call that
 * wants one brings it back. Thread-safe.
 */
final class KeyValueStore {
    private static final Cleaner CLEANER = Cleaner.create();

    private final DeviceContext context;
    private final long queue;
    private final long limit;
    private final Runnable beforeGivingUp;
    /** Those on the device; what was used last comes last. */
    private final Set<KeyValueBlock> onDevice = new LinkedHashSet<>();
    private long bytes;
    private boolean closed;

    /**
     * One with nothing in it.
     *
     * @param queue to bring blocks to the host and back
     * @param limit bytes that blocks may take of the device, those of running calls aside
     * @param beforeGivingUp may release what others keep, {@link #putOut} among it, where memory is lacking
     */
    KeyValueStore(DeviceContext context, long queue, long limit, Runnable beforeGivingUp) {
        this.context = context;
        this.limit = limit;
        this.beforeGivingUp = beforeGivingUp;
        this.queue = queue;
    }

    /** A block that holds anything, in use by one call. */
    KeyValueBlock create(int tokens, int features) {
        KeyValueBlock block = new KeyValueBlock(tokens, features);
        use(block, true);
        return block;
    }

    /**
     * Keeps a block on the device, or brings it back there, until the call {@linkplain #leave leaves} it.
     *
     * @throws IllegalStateException if it was released
     */
    void use(KeyValueBlock block) {
        use(block, false);
    }

    private void use(KeyValueBlock block, boolean isNew) {
        try {
            tryToUse(block, isNew);
        } catch (DeviceMemoryException e) {
            beforeGivingUp.run();
            tryToUse(block, isNew);
        }
    }

    private synchronized void tryToUse(KeyValueBlock block, boolean isNew) {
        if (!onDevice.remove(block)) {
            if (!isNew) {
                requireOnHost(block);
            }
            makeRoom(limit - block.bytes);
            bringUp(block);
        }
        onDevice.add(block);
        block.calls++;
    }

    private void requireOnHost(KeyValueBlock block) {
        if (block.keysOnHost == null) {
            throw new IllegalStateException(closed ? "The model is closed, and the keys and values that it kept on "
                    + context.device().name() + " are gone with it." : "These keys and values were released.");
        }
    }

    private void bringUp(KeyValueBlock block) {
        long half = block.bytes / 2;
        long keys = context.createBuffer(half, "A layer's cache of keys");
        long values = NULL;
        try {
            values = context.createBuffer(half, "A layer's cache of values");
            if (block.keysOnHost != null) {
                Transfers.write(queue, keys, block.keysOnHost);
                Transfers.write(queue, values, block.valuesOnHost);
            }
        } catch (Throwable e) {
            context.releaseBuffer(keys);
            if (values != NULL) {
                context.releaseBuffer(values);
            }
            throw e;
        }
        block.keys = keys;
        block.values = values;
        block.keysOnHost = null;
        block.valuesOnHost = null;
        bytes += block.bytes;
    }

    /** Takes back what a call used, of which no command is left in a queue. */
    synchronized void leave(KeyValueBlock block) {
        block.calls--;
        releaseIfDone(block);
    }

    /** Counts a text of a block as long as its owner can be asked for it. */
    synchronized Cleaner.Cleanable claim(DeviceKeyValues owner, KeyValueBlock block) {
        block.texts++;
        return CLEANER.register(owner, () -> drop(block));
    }

    private synchronized void drop(KeyValueBlock block) {
        block.texts--;
        releaseIfDone(block);
    }

    private void releaseIfDone(KeyValueBlock block) {
        if (block.texts == 0 && block.calls == 0 && onDevice.remove(block)) {
            release(block);
        }
    }

    private void release(KeyValueBlock block) {
        context.releaseBuffer(block.keys);
        context.releaseBuffer(block.values);
        block.keys = NULL;
        block.values = NULL;
        bytes -= block.bytes;
    }

    /** Moves blocks that no call uses to the host until the others take no more than {@code most} bytes. */
    private void makeRoom(long most) {
        for (Iterator<KeyValueBlock> blocks = onDevice.iterator(); bytes > most && blocks.hasNext();) {
            KeyValueBlock block = blocks.next();
            if (block.calls == 0) {
                int values = block.tokens * block.features;
                block.keysOnHost = Transfers.read(queue, block.keys, 0, new float[values]);
                block.valuesOnHost = Transfers.read(queue, block.values, 0, new float[values]);
                blocks.remove();
                release(block);
            }
        }
    }

    /** Moves all blocks that no call uses to the host. */
    synchronized void putOut() {
        makeRoom(0);
    }

    /**
     * A copy of some keys, or values, of a block.
     *
     * @throws IllegalStateException if they went with the device
     */
    synchronized float[] read(KeyValueBlock block, int first, int count, boolean keys) {
        int from = first * block.features;
        int values = count * block.features;
        if (block.isOnDevice()) {
            return Transfers.read(queue, keys ? block.keys : block.values, from, new float[values]);
        }
        requireOnHost(block);
        return Arrays.copyOfRange(keys ? block.keysOnHost : block.valuesOnHost, from, from + values);
    }

    /** Bytes on the device. */
    synchronized long bytes() {
        return bytes;
    }

    /** Releases all; no call runs. */
    synchronized void close() {
        closed = true;
        onDevice.forEach(this::release);
        onDevice.clear();
    }
}
