package dev.bert4j.backend.opencl;

import dev.bert4j.backend.Parameter;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryUtil;

/** A weight in the memory of the device, as fp32. */
record OpenClParameter(long buffer) implements Parameter {
    /** Values that are widened at a time. */
    private static final int PART = 1 << 20;

    /** Brings a weight up: fp32 straight from where it is mapped, others widened on the way. */
    static OpenClParameter upload(DeviceContext context, long queue, WeightTensor weight) {
        long count = weight.numElements();
        long buffer = context.createBuffer(Float.BYTES * count, "The weight " + weight.name());
        try {
            MemorySegment data = weight.data();
            if (weight.dtype() == DType.F32 && data.isNative() && data.byteSize() > 0) {
                // A file that was cut off faults here, in Java, and not in the driver.
                data.get(ValueLayout.JAVA_BYTE, data.byteSize() - 1);
                write(queue, buffer, 0, data);
            } else {
                widen(queue, buffer, weight, count);
            }
            // Calls have queues of their own, which know nothing of this one.
            Errors.check(CL10.clFinish(queue), "clFinish");
            return new OpenClParameter(buffer);
        } catch (Throwable e) {
            context.releaseBuffer(buffer);
            throw e;
        }
    }

    private static void widen(long queue, long buffer, WeightTensor weight, long count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment part = arena.allocate(ValueLayout.JAVA_FLOAT, Math.min(PART, Math.max(count, 1)));
            for (long from = 0; from < count; from += PART) {
                long here = Math.min(PART, count - from);
                weight.copyTo(from, part, here);
                write(queue, buffer, from * Float.BYTES, part.asSlice(0, here * Float.BYTES));
            }
        }
    }

    private static void write(long queue, long buffer, long at, MemorySegment data) {
        Errors.check(CL10.nclEnqueueWriteBuffer(queue, buffer, CL10.CL_TRUE, at, data.byteSize(), data.address(), 0,
                MemoryUtil.NULL, MemoryUtil.NULL), "clEnqueueWriteBuffer");
    }
}
