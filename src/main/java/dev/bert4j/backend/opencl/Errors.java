package dev.bert4j.backend.opencl;

import dev.bert4j.backend.DeviceMemoryException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;

/** What OpenCL's functions answer. */
final class Errors {
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(CL10.CL_DEVICE_NOT_AVAILABLE, "the device is not available"),
            Map.entry(CL10.CL_COMPILER_NOT_AVAILABLE, "the driver has no compiler"),
            Map.entry(CL10.CL_BUILD_PROGRAM_FAILURE, "the program does not build"),
            Map.entry(CL10.CL_INVALID_VALUE, "invalid value"),
            Map.entry(CL10.CL_INVALID_BINARY, "invalid program binary"),
            Map.entry(CL10.CL_INVALID_KERNEL_ARGS, "invalid kernel arguments"),
            Map.entry(CL10.CL_INVALID_WORK_GROUP_SIZE, "invalid work-group size"),
            Map.entry(CL10.CL_INVALID_BUFFER_SIZE, "invalid buffer size"));

    private Errors() {
    }

    /** A query whose answer is text; asked first for the size and then for the text. */
    @FunctionalInterface
    interface TextQuery {
        int ask(ByteBuffer value, PointerBuffer size);
    }

    /**
     * Throws where a function did not succeed.
     *
     * @throws DeviceMemoryException if memory was lacking
     * @throws IllegalStateException for anything else
     */
    static void check(int answer, String function) {
        switch (answer) {
            case CL10.CL_SUCCESS -> {
            }
            case CL10.CL_MEM_OBJECT_ALLOCATION_FAILURE, CL10.CL_OUT_OF_RESOURCES, CL10.CL_OUT_OF_HOST_MEMORY ->
                throw new DeviceMemoryException("The OpenCL device has no memory left for " + function
                        + "; give fewer texts at a time, or close other models.");
            default -> throw new IllegalStateException("The OpenCL function " + function + " failed with error "
                    + answer + (NAMES.containsKey(answer) ? ": " + NAMES.get(answer) + "." : "."));
        }
    }

    static String text(TextQuery query, String function) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer size = stack.mallocPointer(1);
            check(query.ask(null, size), function);
            byte[] bytes = new byte[Math.toIntExact(size.get(0))];
            ByteBuffer value = MemoryUtil.memAlloc(Math.max(bytes.length, 1));
            try {
                check(query.ask(value, null), function);
                value.get(0, bytes);
            } finally {
                MemoryUtil.memFree(value);
            }
            return new String(bytes, StandardCharsets.UTF_8).replace("\0", "").strip();
        }
    }
}
