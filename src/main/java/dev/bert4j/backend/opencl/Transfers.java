package dev.bert4j.backend.opencl;

import org.lwjgl.opencl.CL10;

/** Brings values of the host to the device and back, in the queue of a session. */
final class Transfers {
    private final long queue;
    private final BufferPool pool;

    Transfers(long queue, BufferPool pool) {
        this.queue = queue;
        this.pool = pool;
    }

    /** Integers in a buffer that goes back to the pool when kernels that read it are in the queue. */
    long up(int[] values) {
        long buffer = pool.take((long) Integer.BYTES * values.length);
        if (values.length > 0) {
            Errors.check(CL10.clEnqueueWriteBuffer(queue, buffer, true, 0, values, null, null),
                    "clEnqueueWriteBuffer");
        }
        return buffer;
    }

    /** Floats likewise. */
    long up(float[] values) {
        long buffer = pool.take((long) Float.BYTES * values.length);
        write(buffer, values);
        return buffer;
    }

    void write(long buffer, float[] values) {
        write(queue, buffer, values);
    }

    static void write(long queue, long buffer, float[] values) {
        if (values.length > 0) {
            Errors.check(CL10.clEnqueueWriteBuffer(queue, buffer, true, 0, values, null, null),
                    "clEnqueueWriteBuffer");
        }
    }

    /** Fills an array from a buffer, when all before it is done; the only place where the host waits. */
    float[] down(long buffer, float[] values) {
        return read(queue, buffer, 0, values);
    }

    /** Likewise, from a place of the buffer on, counted in floats. */
    static float[] read(long queue, long buffer, long first, float[] values) {
        if (values.length > 0) {
            Errors.check(CL10.clEnqueueReadBuffer(queue, buffer, true, first * Float.BYTES, values, null, null),
                    "clEnqueueReadBuffer");
        }
        return values;
    }
}
