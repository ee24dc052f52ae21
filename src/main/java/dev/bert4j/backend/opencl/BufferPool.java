package dev.bert4j.backend.opencl;

import dev.bert4j.backend.DeviceMemoryException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The buffers of a session: what is given back is taken again. */
final class BufferPool {
    /** Sizes are multiples of it, so that calls of about the same length share buffers. */
    private static final long STEP = 64 << 10;

    private final DeviceContext context;
    private final Runnable beforeGivingUp;
    private final Map<Long, Long> taken = new HashMap<>();
    private final TreeMap<Long, ArrayDeque<Long>> free = new TreeMap<>();

    /** Where memory is lacking, {@code beforeGivingUp} may release what others keep. */
    BufferPool(DeviceContext context, Runnable beforeGivingUp) {
        this.context = context;
        this.beforeGivingUp = beforeGivingUp;
    }

    /** A buffer of at least that many bytes, holding anything; the smallest free one if it is not twice too large. */
    long take(long bytes) {
        long size = Math.max(STEP, (bytes + STEP - 1) / STEP * STEP);
        var fitting = free.ceilingEntry(size);
        if (fitting != null && fitting.getKey() <= 2 * size) {
            long buffer = fitting.getValue().pop();
            if (fitting.getValue().isEmpty()) {
                free.remove(fitting.getKey());
            }
            taken.put(buffer, fitting.getKey());
            return buffer;
        }
        long most = Math.min(size, Math.max(bytes, context.device().largestBuffer()));
        long buffer = create(most);
        taken.put(buffer, most);
        return buffer;
    }

    private long create(long size) {
        try {
            return context.createBuffer(size, "An activation");
        } catch (DeviceMemoryException e) {
            if (size > context.device().largestBuffer()) {
                throw e;
            }
            releaseFree();
            beforeGivingUp.run();
            return context.createBuffer(size, "An activation");
        }
    }

    /** Takes a buffer back. */
    void give(long buffer) {
        Long size = taken.remove(buffer);
        if (size != null) {
            free.computeIfAbsent(size, s -> new ArrayDeque<>()).push(buffer);
        }
    }

    /** Whether all buffers are back: a call that failed half-way has left some. */
    boolean isWhole() {
        return taken.isEmpty();
    }

    /** Releases what nobody uses. */
    void releaseFree() {
        free.values().forEach(buffers -> buffers.forEach(context::releaseBuffer));
        free.clear();
    }

    /** Releases everything. */
    void release() {
        releaseFree();
        taken.keySet().forEach(context::releaseBuffer);
        taken.clear();
    }
}
