package dev.bert4j.backend.opencl;

import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;

/** A kernel with its arguments. One session's: arguments are set and used by one thread. */
final class DeviceKernel {
    private final DeviceContext context;
    private final long handle;
    private int next;

    DeviceKernel(DeviceContext context, long program, String name) {
        this.context = context;
        int[] error = new int[1];
        handle = CL10.clCreateKernel(program, name, error);
        Errors.check(error[0], "clCreateKernel");
        context.adopt();
    }

    /** Begins a call of it. */
    DeviceKernel begin() {
        next = 0;
        return this;
    }

    /** The next argument, a buffer; NULL where the kernel does not read it. */
    DeviceKernel buffer(long buffer) {
        Errors.check(CL10.clSetKernelArg1p(handle, next++, buffer), "clSetKernelArg");
        return this;
    }

    /** The next arguments, numbers. */
    DeviceKernel ints(int... values) {
        for (int value : values) {
            Errors.check(CL10.clSetKernelArg1i(handle, next++, value), "clSetKernelArg");
        }
        return this;
    }

    /** The next argument, a float. */
    DeviceKernel number(float value) {
        Errors.check(CL10.clSetKernelArg1f(handle, next++, value), "clSetKernelArg");
        return this;
    }

    /** Runs it in groups of {@code localX} by {@code localY} work-items; of no groups, nothing happens. */
    void run(long queue, int groupsX, int localX, int groupsY, int localY) {
        if (groupsX == 0 || groupsY == 0) {
            return;
        }
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer all = stack.mallocPointer(2).put(0, (long) groupsX * localX).put(1, (long) groupsY * localY);
            PointerBuffer group = stack.mallocPointer(2).put(0, localX).put(1, localY);
            Errors.check(CL10.clEnqueueNDRangeKernel(queue, handle, 2, null, all, group, null, null),
                    "clEnqueueNDRangeKernel");
        }
    }

    void release() {
        CL10.clReleaseKernel(handle);
        context.released();
    }
}
