package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import dev.bert4j.backend.DeviceMemoryException;
import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.lwjgl.opencl.CL10;

/**
 * The keys and values that calls keep on a device. Their owners need not close them: what nobody can ask for any more
 * goes when the garbage collector finds out. It sees little of the device's memory, though, and may take its time; so
 * there is a limit for what no running call uses, beyond which blocks that were not used for longest move to the host,
 * from where the next call that wants one brings it back. Thread-safe.
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
    /** Of those that no call uses. */
    private long idleBytes;
    private boolean closed;

    /**
     * One with nothing in it.
     *
     * @param queue to bring blocks to the host and back
     * @param limit bytes of the device that blocks may take which no running call uses
     * @param beforeGivingUp may release what others keep, {@link #putOut} among it, where memory is lacking
     */
    KeyValueStore(DeviceContext context, long queue, long limit, Runnable beforeGivingUp) {
        this.context = context;
        this.limit = limit;
        this.beforeGivingUp = beforeGivingUp;
        this.queue = queue;
    }

    /** A block that holds anything, in use by one call, which fills it in that queue. */
    KeyValueBlock create(int tokens, int features, long maker) {
        KeyValueBlock block = new KeyValueBlock(tokens, features);
        block.maker = maker;
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
        if (onDevice.remove(block)) {
            idleBytes -= block.calls == 0 ? block.bytes : 0;
        } else {
            if (!isNew) {
                requireOnHost(block);
            }
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
                // The queue of the call knows nothing of this one.
                Errors.check(CL10.clFinish(queue), "clFinish");
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
        block.maker = NULL;
        if (block.calls == 0) {
            idleBytes += block.bytes;
            releaseIfDone(block);
            while (idleBytes > limit && putOutOldest()) {
                // The next.
            }
        }
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
        if (block.texts == 0 && block.calls == 0) {
            block.keysOnHost = null;
            block.valuesOnHost = null;
            if (onDevice.remove(block)) {
                idleBytes -= block.bytes;
                release(block);
            }
        }
    }

    private void release(KeyValueBlock block) {
        context.releaseBuffer(block.keys);
        context.releaseBuffer(block.values);
        block.keys = NULL;
        block.values = NULL;
        bytes -= block.bytes;
    }

    /** Moves the block that was not used for longest to the host; false if there is none, or no room for it. */
    private boolean putOutOldest() {
        for (KeyValueBlock block : onDevice) {
            if (block.calls == 0) {
                return putOut(block);
            }
        }
        return false;
    }

    private boolean putOut(KeyValueBlock block) {
        float[] keys;
        float[] values;
        try {
            keys = Transfers.read(queue, block.keys, 0, new float[block.tokens * block.features]);
            values = Transfers.read(queue, block.values, 0, new float[block.tokens * block.features]);
        } catch (OutOfMemoryError e) {
            // It may stay; whoever needs the device's memory says so if it is lacking.
            return false;
        }
        block.keysOnHost = keys;
        block.valuesOnHost = values;
        onDevice.remove(block);
        idleBytes -= block.bytes;
        release(block);
        return true;
    }

    /** Moves blocks that no call uses to the host, as far as there is room; what is garbage goes in between. */
    void putOut() {
        while (tryToPutOut()) {
            Thread.onSpinWait();
        }
    }

    private synchronized boolean tryToPutOut() {
        return putOutOldest();
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
            if (block.maker != NULL) {
                // This reads by a queue of its own, which knows nothing of what that one has not done yet.
                Errors.check(CL10.clFinish(block.maker), "clFinish");
            }
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
        idleBytes = 0;
    }
}
