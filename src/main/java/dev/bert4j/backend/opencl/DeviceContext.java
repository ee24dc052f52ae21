package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import dev.bert4j.backend.DeviceMemoryException;
import java.nio.IntBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL12;
import org.lwjgl.system.MemoryStack;

/**
 * What lives on a device: memory, queues and programs are made and released here, and counted, so that a test can tell
 * that none is left. Thread-safe.
 */
final class DeviceContext {
    /** Objects of all contexts of this JVM that are not released. */
    private static final AtomicInteger LIVE = new AtomicInteger();

    private final OpenClDevice device;
    private final long handle;
    /** In which buffers are put where they belong. */
    private final long placing;

    DeviceContext(OpenClDevice device) {
        this.device = device;
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer properties = stack.mallocPointer(3);
            properties.put(0, CL10.CL_CONTEXT_PLATFORM).put(1, device.platform()).put(2, 0);
            IntBuffer error = stack.mallocInt(1);
            handle = CL10.clCreateContext(properties, device.id(), null, NULL, error);
            Errors.check(error.get(0), "clCreateContext");
            LIVE.incrementAndGet();
        }
        try {
            placing = createQueue();
        } catch (Throwable e) {
            CL10.clReleaseContext(handle);
            LIVE.decrementAndGet();
            throw e;
        }
    }

    /** How many objects there are in this JVM. */
    static int live() {
        return LIVE.get();
    }

    OpenClDevice device() {
        return device;
    }

    long handle() {
        return handle;
    }

    /** A queue whose commands run one after the other. */
    long createQueue() {
        int[] error = new int[1];
        long queue = CL10.clCreateCommandQueue(handle, device.id(), 0, error);
        Errors.check(error[0], "clCreateCommandQueue");
        LIVE.incrementAndGet();
        return queue;
    }

    void releaseQueue(long queue) {
        CL10.clReleaseCommandQueue(queue);
        LIVE.decrementAndGet();
    }

    /**
     * Memory of the device.
     *
     * @throws DeviceMemoryException if a buffer of it cannot be so large, or it has no memory left
     */
    long createBuffer(long bytes, String what) {
        if (bytes > device.largestBuffer()) {
            throw new DeviceMemoryException(what + " takes " + bytes + " bytes, and the largest buffer of the OpenCL"
                    + " device " + device.name() + " has " + device.largestBuffer() + ".");
        }
        try (MemoryStack stack = MemoryStack.stackPush()) {
            IntBuffer error = stack.mallocInt(1);
            long buffer = CL10.clCreateBuffer(handle, CL10.CL_MEM_READ_WRITE, Math.max(bytes, 1), error);
            Errors.check(error.get(0), "a buffer of " + bytes + " bytes");
            LIVE.incrementAndGet();
            try {
                place(buffer, bytes);
            } catch (Throwable e) {
                releaseBuffer(buffer);
                throw e;
            }
            return buffer;
        }
    }

    /** Some drivers look for memory when a buffer is first used, which is too late to make room. */
    private void place(long buffer, long bytes) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            Errors.check(CL12.clEnqueueMigrateMemObjects(placing, stack.pointers(buffer),
                    CL12.CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED, null, null), "a buffer of " + bytes + " bytes");
        }
        Errors.check(CL10.clFinish(placing), "a buffer of " + bytes + " bytes");
    }

    void releaseBuffer(long buffer) {
        CL10.clReleaseMemObject(buffer);
        LIVE.decrementAndGet();
    }

    /** Counts an object that was made elsewhere. */
    void adopt() {
        LIVE.incrementAndGet();
    }

    /** Counts one that was released elsewhere. */
    void released() {
        LIVE.decrementAndGet();
    }

    void release() {
        releaseQueue(placing);
        CL10.clReleaseContext(handle);
        LIVE.decrementAndGet();
    }
}
