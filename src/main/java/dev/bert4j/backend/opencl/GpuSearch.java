package dev.bert4j.backend.opencl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.lwjgl.opencl.CL10.CL_DEVICE_NOT_FOUND;
import static org.lwjgl.opencl.CL10.CL_DEVICE_TYPE_GPU;
import static org.lwjgl.opencl.CL10.CL_PLATFORM_NAME;
import static org.lwjgl.opencl.CL10.CL_SUCCESS;

import dev.bert4j.backend.nativecpu.SignalHandlers;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * Asks the loader of OpenCL, by three of its functions, whether it knows of a GPU. All else goes through LWJGL, which
 * takes a JVM a third of a second to start: too long for the many machines that have a loader and no GPU. Its constants
 * are the compiler's, and start nothing.
 */
final class GpuSearch {
    private static final int MOST_PLATFORMS = 64;
    private static final int LONGEST_NAME = 1024;

    private final MethodHandle getPlatformIds;
    private final MethodHandle getPlatformInfo;
    private final MethodHandle getDeviceIds;

    private GpuSearch(SymbolLookup loader) {
        getPlatformIds = function(loader, "clGetPlatformIDs", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS,
                ADDRESS));
        getPlatformInfo = function(loader, "clGetPlatformInfo", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT,
                JAVA_LONG, ADDRESS, ADDRESS));
        getDeviceIds = function(loader, "clGetDeviceIDs", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT,
                ADDRESS, ADDRESS));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(SymbolLookup loader, String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(loader.findOrThrow(name), descriptor);
    }

    /**
     * Whether a platform other than PoCL, whose devices are the CPU, has a GPU; also where an answer is not understood,
     * so that those are asked who can say what is wrong.
     */
    static boolean mayFindOne(SymbolLookup loader) {
        try (Arena arena = Arena.ofConfined(); var _ = SignalHandlers.kept()) {
            return new GpuSearch(loader).mayFindOne(arena);
        } catch (Throwable unexpected) {
            return true;
        }
    }

    private boolean mayFindOne(Arena arena) throws Throwable {
        MemorySegment count = arena.allocate(JAVA_INT);
        MemorySegment platforms = arena.allocate(ADDRESS, MOST_PLATFORMS);
        int answer = (int) getPlatformIds.invokeExact(MOST_PLATFORMS, platforms, count);
        if (answer == OpenClDevice.NO_PLATFORM) {
            return false;
        }
        int found = count.get(JAVA_INT, 0);
        if (answer != CL_SUCCESS || found > MOST_PLATFORMS) {
            return true;
        }
        for (int i = 0; i < found; i++) {
            if (mayHaveOne(platforms.getAtIndex(ADDRESS, i), count, arena)) {
                return true;
            }
        }
        return false;
    }

    private boolean mayHaveOne(MemorySegment platform, MemorySegment count, Arena arena) throws Throwable {
        MemorySegment name = arena.allocate(LONGEST_NAME);
        int answer = (int) getPlatformInfo.invokeExact(platform, CL_PLATFORM_NAME, (long) LONGEST_NAME, name,
                MemorySegment.NULL);
        if (answer == CL_SUCCESS && name.getString(0).equals(OpenClDevice.POCL)) {
            return false;
        }
        answer = (int) getDeviceIds.invokeExact(platform, CL_DEVICE_TYPE_GPU, 0, MemorySegment.NULL, count);
        return answer != CL_DEVICE_NOT_FOUND && (answer != CL_SUCCESS || count.get(JAVA_INT, 0) > 0);
    }
}
