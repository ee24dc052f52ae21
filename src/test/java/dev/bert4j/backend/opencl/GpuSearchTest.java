package dev.bert4j.backend.opencl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.OpenClDevices;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The search for a GPU, with a loader of our own, whose functions are written in Java, and with that of the system. */
class GpuSearchTest {
    private static final int NO_PLATFORM = -1001;
    private static final int OUT_OF_HOST_MEMORY = -6;
    private static final int DEVICE_NOT_FOUND = -1;
    private static final long NAME = 0x902;
    private static final long GPUS = 4;
    private static final String POCL = "Portable Computing Language";

    /** What a platform says: its name, what it answers to the question for GPUs, and how many it has. */
    private record Platform(String name, int answer, int gpus) {
    }

    /**
     * A loader of platforms, which writes down what it is asked for: what is thrown in it would end the JVM. Its
     * functions have the parameters of OpenCL's.
     */
    @SuppressWarnings("restricted")
    private record Loader(int answer, List<Platform> platforms, List<Long> asked) {
        int getPlatformIds(int room, MemorySegment ids, MemorySegment count) {
            for (int i = 0; i < Math.min(room, platforms.size()); i++) {
                ids.reinterpret(room * ADDRESS.byteSize()).setAtIndex(ADDRESS, i, MemorySegment.ofAddress(i + 1));
            }
            count.reinterpret(JAVA_INT.byteSize()).set(JAVA_INT, 0, platforms.size());
            return answer;
        }

        int getPlatformInfo(MemorySegment platform, int what, long room, MemorySegment value, MemorySegment size) {
            asked.add((long) what);
            value.reinterpret(room).setString(0, platforms.get((int) platform.address() - 1).name());
            return 0;
        }

        int getDeviceIds(MemorySegment platform, long type, int room, MemorySegment ids, MemorySegment count) {
            asked.add(type);
            Platform of = platforms.get((int) platform.address() - 1);
            count.reinterpret(JAVA_INT.byteSize()).set(JAVA_INT, 0, of.gpus());
            return of.answer();
        }

        SymbolLookup symbols(Arena arena) throws ReflectiveOperationException {
            Map<String, MemorySegment> functions = Map.of(
                    "clGetPlatformIDs", stub("getPlatformIds", arena, JAVA_INT, ADDRESS, ADDRESS),
                    "clGetPlatformInfo", stub("getPlatformInfo", arena, ADDRESS, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS),
                    "clGetDeviceIDs", stub("getDeviceIds", arena, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));
            return name -> Optional.ofNullable(functions.get(name));
        }

        private MemorySegment stub(String name, Arena arena, MemoryLayout... parameters)
                throws ReflectiveOperationException {
            FunctionDescriptor descriptor = FunctionDescriptor.of(JAVA_INT, parameters);
            MethodType type = descriptor.toMethodType();
            return Linker.nativeLinker().upcallStub(MethodHandles.lookup().bind(this, name, type), descriptor, arena);
        }
    }

    private static boolean found(int answer, Platform... platforms) throws ReflectiveOperationException {
        try (Arena arena = Arena.ofConfined()) {
            Loader loader = new Loader(answer, List.of(platforms), new ArrayList<>());
            boolean found = GpuSearch.mayFindOne(loader.symbols(arena));
            for (int i = 0, platform = 0; i < loader.asked().size(); i++, platform++) {
                assertEquals(NAME, loader.asked().get(i));
                if (!platforms[platform].name().equals(POCL)) {
                    assertEquals(GPUS, loader.asked().get(++i));
                }
            }
            return found;
        }
    }

    @Test
    void aGpuOfAnyPlatformIsFound() throws Exception {
        assertTrue(found(0, new Platform("NVIDIA CUDA", 0, 1)));
        assertTrue(found(0, new Platform(POCL, 0, 0), new Platform("none", DEVICE_NOT_FOUND, 9),
                new Platform("Intel(R) OpenCL HD Graphics", 0, 2)));
    }

    @Test
    void noneIsFoundWhereThereIsNone() throws Exception {
        assertFalse(found(NO_PLATFORM));
        assertFalse(found(0));
        assertFalse(found(0, new Platform("of CPUs", DEVICE_NOT_FOUND, 7)));
        assertFalse(found(0, new Platform("of CPUs", 0, 0)));
    }

    /** Its devices are the CPU, whatever they call themselves, and to ask for them loads LLVM. */
    @Test
    void poclIsNotAsked() throws Exception {
        assertFalse(found(0, new Platform(POCL, 0, 1)));
    }

    /** Then those are asked who can say what is wrong. */
    @Test
    void whatIsNotUnderstoodMayBeAGpu() throws Exception {
        assertTrue(found(OUT_OF_HOST_MEMORY));
        assertTrue(found(0, new Platform("broken", OUT_OF_HOST_MEMORY, 0)));
        assertTrue(GpuSearch.mayFindOne(name -> Optional.empty()));
    }

    @Test
    void theLoaderOfTheSystemIsAskedRightly() {
        OpenClDevices.require();
        assertEquals(OpenClDevice.all().stream().anyMatch(device -> device.isGpu() && !device.isPocl()),
                OpenCl.mayHaveGpu());
    }
}
