package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;

/** The programs of a context, each built when it is first wanted. Thread-safe. */
final class Programs {
    private static final String OPTIONS = "-cl-std=CL1.2";
    private static final String EXACT = " -cl-fp32-correctly-rounded-divide-sqrt";

    private final DeviceContext context;
    private final ProgramCache cache;
    private final Map<String, Long> built = new LinkedHashMap<>();

    Programs(DeviceContext context, ProgramCache cache) {
        this.context = context;
        this.cache = cache;
    }

    /** The program of a file of kernels with these macros, {@code -D NAME=VALUE} each. */
    synchronized long get(String file, String macros) {
        String options = OPTIONS + (context.device().exact() ? EXACT : "") + macros;
        return built.computeIfAbsent(file + options, key -> make(file, options));
    }

    private long make(String file, String options) {
        String source = KernelSources.of(file);
        String key = ProgramCache.key(source, options, context.device());
        byte[] kept = cache.read(key);
        if (kept != null) {
            long program = fromBinary(kept, options);
            if (program != NULL) {
                return program;
            }
        }
        long program = fromSource(file, source, options);
        byte[] binary = binary(program);
        if (binary != null) {
            cache.write(key, binary);
        }
        return program;
    }

    /** The program, or NULL where the driver refuses what was kept. */
    private long fromBinary(byte[] kept, String options) {
        ByteBuffer binary = MemoryUtil.memAlloc(kept.length).put(kept).flip();
        try (MemoryStack stack = MemoryStack.stackPush()) {
            long program = CL10.clCreateProgramWithBinary(context.handle(), pointer(stack, context.device().id()),
                    binary, stack.mallocInt(1), stack.mallocInt(1));
            if (program == NULL) {
                return NULL;
            }
            if (CL10.clBuildProgram(program, context.device().id(), options, null, NULL) != CL10.CL_SUCCESS) {
                CL10.clReleaseProgram(program);
                return NULL;
            }
            context.adopt();
            return program;
        } finally {
            MemoryUtil.memFree(binary);
        }
    }

    private static PointerBuffer pointer(MemoryStack stack, long value) {
        return stack.mallocPointer(1).put(0, value);
    }

    private long fromSource(String file, String source, String options) {
        long program;
        try (MemoryStack stack = MemoryStack.stackPush()) {
            var error = stack.mallocInt(1);
            program = CL10.clCreateProgramWithSource(context.handle(), source, error);
            Errors.check(error.get(0), "clCreateProgramWithSource");
        }
        int answer = CL10.clBuildProgram(program, context.device().id(), options, null, NULL);
        if (answer != CL10.CL_SUCCESS) {
            String log = log(program);
            CL10.clReleaseProgram(program);
            throw new IllegalStateException("The OpenCL kernels " + file + " do not build on " + context.device().name()
                    + " (error " + answer + ", options " + options + "): " + log);
        }
        context.adopt();
        return program;
    }

    private String log(long program) {
        return Errors.text((value, size) -> CL10.clGetProgramBuildInfo(program, context.device().id(),
                CL10.CL_PROGRAM_BUILD_LOG, value, size), "clGetProgramBuildInfo");
    }

    /** What the driver has made of it, or null where it keeps that to itself. */
    private static byte[] binary(long program) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer size = stack.callocPointer(1);
            if (CL10.clGetProgramInfo(program, CL10.CL_PROGRAM_BINARY_SIZES, size, null) != CL10.CL_SUCCESS
                    || size.get(0) == 0) {
                return null;
            }
            ByteBuffer binary = MemoryUtil.memAlloc(Math.toIntExact(size.get(0)));
            try {
                PointerBuffer pointers = pointer(stack, MemoryUtil.memAddress(binary));
                if (CL10.clGetProgramInfo(program, CL10.CL_PROGRAM_BINARIES, pointers, null) != CL10.CL_SUCCESS) {
                    return null;
                }
                byte[] bytes = new byte[binary.capacity()];
                binary.get(0, bytes);
                return bytes;
            } finally {
                MemoryUtil.memFree(binary);
            }
        }
    }

    synchronized void release() {
        built.values().forEach(program -> {
            CL10.clReleaseProgram(program);
            context.released();
        });
        built.clear();
    }
}
