package dev.bert4j.backend.opencl;

import static org.lwjgl.opencl.CL10.CL_DEVICE_AVAILABLE;
import static org.lwjgl.opencl.CL10.CL_DEVICE_COMPILER_AVAILABLE;
import static org.lwjgl.opencl.CL10.CL_DEVICE_ENDIAN_LITTLE;
import static org.lwjgl.opencl.CL10.CL_DEVICE_EXTENSIONS;
import static org.lwjgl.opencl.CL10.CL_DEVICE_GLOBAL_MEM_SIZE;
import static org.lwjgl.opencl.CL10.CL_DEVICE_LOCAL_MEM_SIZE;
import static org.lwjgl.opencl.CL10.CL_DEVICE_MAX_COMPUTE_UNITS;
import static org.lwjgl.opencl.CL10.CL_DEVICE_MAX_MEM_ALLOC_SIZE;
import static org.lwjgl.opencl.CL10.CL_DEVICE_MAX_WORK_GROUP_SIZE;
import static org.lwjgl.opencl.CL10.CL_DEVICE_NAME;
import static org.lwjgl.opencl.CL10.CL_DEVICE_NOT_FOUND;
import static org.lwjgl.opencl.CL10.CL_DEVICE_PROFILE;
import static org.lwjgl.opencl.CL10.CL_DEVICE_SINGLE_FP_CONFIG;
import static org.lwjgl.opencl.CL10.CL_DEVICE_TYPE;
import static org.lwjgl.opencl.CL10.CL_DEVICE_TYPE_ALL;
import static org.lwjgl.opencl.CL10.CL_DEVICE_TYPE_GPU;
import static org.lwjgl.opencl.CL10.CL_DEVICE_VERSION;
import static org.lwjgl.opencl.CL10.CL_DRIVER_VERSION;
import static org.lwjgl.opencl.CL10.CL_FP_DENORM;
import static org.lwjgl.opencl.CL10.CL_PLATFORM_NAME;
import static org.lwjgl.opencl.CL12.CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT;
import static org.lwjgl.opencl.NVDeviceAttributeQuery.CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV;
import static org.lwjgl.opencl.NVDeviceAttributeQuery.CL_DEVICE_COMPUTE_CAPABILITY_MINOR_NV;

import dev.bert4j.backend.Device;
import dev.bert4j.backend.nativecpu.SignalHandlers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL;
import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CLCapabilities;
import org.lwjgl.system.MemoryStack;

/**
 * A device that an OpenCL platform offers.
 *
 * @param number its number among all devices of all platforms, in the order of the loader
 * @param type the bits of CL_DEVICE_TYPE
 * @param memory bytes of its memory
 * @param largestBuffer bytes of the largest buffer
 * @param localMemory bytes that a work-group shares
 * @param largestGroup work-items of the largest work-group
 * @param exact whether it rounds division and square root exactly and keeps denormal numbers, so that its bits are
 *     those of every other backend
 * @param capability ten times the compute capability, as NVIDIA's driver says; 0 by others
 * @param refusal why it cannot be used, or null
 */
record OpenClDevice(int number, long platform, long id, String name, String platformName, String driver, String version,
        long type, long memory, long largestBuffer, long localMemory, int computeUnits, long largestGroup,
        boolean exact, int capability, String refusal) {
    /** What the kernels need at the least; OpenCL's full profile promises it. */
    static final String POCL = "Portable Computing Language";
    private static final long LEAST_LOCAL_MEMORY = 32 << 10;
    private static final long LEAST_GROUP = 64;
    /** CL_PLATFORM_NOT_FOUND_KHR: the loader is there, and no driver. */
    static final int NO_PLATFORM = -1001;
    private static final String NVIDIA = "cl_nv_device_attribute_query";

    /** All devices of this machine; none where there is no OpenCL. */
    static List<OpenClDevice> all() {
        return of(_ -> true);
    }

    /** Whether one of them is a GPU that can be used. PoCL, which has none, is not even loaded for that. */
    static boolean anyGpu() {
        return of(platform -> !platformName(platform).equals(POCL)).stream()
                .anyMatch(device -> device.isGpu() && device.refusal() == null);
    }

    private static List<OpenClDevice> of(LongPredicate wanted) {
        if (OpenCl.refusal().isPresent()) {
            return List.of();
        }
        List<OpenClDevice> devices = new ArrayList<>();
        try (MemoryStack stack = MemoryStack.stackPush(); var _ = SignalHandlers.kept()) {
            var count = stack.mallocInt(1);
            int answer = CL10.clGetPlatformIDs(null, count);
            if (answer == NO_PLATFORM || answer == CL10.CL_SUCCESS && count.get(0) == 0) {
                return List.of();
            }
            Errors.check(answer, "clGetPlatformIDs");
            PointerBuffer platforms = stack.mallocPointer(count.get(0));
            Errors.check(CL10.clGetPlatformIDs(platforms, (int[]) null), "clGetPlatformIDs");
            for (int i = 0; i < platforms.capacity(); i++) {
                if (wanted.test(platforms.get(i))) {
                    addDevices(platforms.get(i), devices);
                }
            }
        }
        return devices;
    }

    private static void addDevices(long platform, List<OpenClDevice> devices) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            var count = stack.mallocInt(1);
            int answer = CL10.clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, null, count);
            if (answer == CL_DEVICE_NOT_FOUND || answer == CL10.CL_SUCCESS && count.get(0) == 0) {
                return;
            }
            Errors.check(answer, "clGetDeviceIDs");
            // Of a platform without devices LWJGL throws what nobody expects; so only now.
            CLCapabilities capabilities = CL.createPlatformCapabilities(platform);
            PointerBuffer ids = stack.mallocPointer(count.get(0));
            Errors.check(CL10.clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, ids, (int[]) null), "clGetDeviceIDs");
            for (int i = 0; i < ids.capacity(); i++) {
                devices.add(of(devices.size(), platform, ids.get(i), capabilities));
            }
        }
    }

    private static OpenClDevice of(int number, long platform, long id, CLCapabilities capabilities) {
        long fp = longInfo(id, CL_DEVICE_SINGLE_FP_CONFIG);
        long localMemory = longInfo(id, CL_DEVICE_LOCAL_MEM_SIZE);
        long group = longInfo(id, CL_DEVICE_MAX_WORK_GROUP_SIZE);
        String refusal = null;
        if (longInfo(id, CL_DEVICE_AVAILABLE) == 0) {
            refusal = "the driver says that it is not available";
        } else if (longInfo(id, CL_DEVICE_COMPILER_AVAILABLE) == 0) {
            refusal = "its driver has no compiler";
        } else if (!capabilities.OpenCL12) {
            refusal = "its platform is older than OpenCL 1.2";
        } else if (!textInfo(id, CL_DEVICE_PROFILE).equals("FULL_PROFILE")) {
            refusal = "it has the embedded profile only";
        } else if (longInfo(id, CL_DEVICE_ENDIAN_LITTLE) == 0) {
            refusal = "it is big-endian";
        } else if (localMemory < LEAST_LOCAL_MEMORY) {
            refusal = "its work-groups share " + localMemory + " bytes; " + LEAST_LOCAL_MEMORY + " are needed";
        } else if (group < LEAST_GROUP) {
            refusal = "its work-groups have at most " + group + " work-items; " + LEAST_GROUP + " are needed";
        }
        boolean exact = (fp & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0 && (fp & CL_FP_DENORM) != 0;
        return new OpenClDevice(number, platform, id, textInfo(id, CL_DEVICE_NAME), platformName(platform),
                textInfo(id, CL_DRIVER_VERSION), textInfo(id, CL_DEVICE_VERSION), longInfo(id, CL_DEVICE_TYPE),
                longInfo(id, CL_DEVICE_GLOBAL_MEM_SIZE), longInfo(id, CL_DEVICE_MAX_MEM_ALLOC_SIZE), localMemory,
                (int) longInfo(id, CL_DEVICE_MAX_COMPUTE_UNITS), group, exact, capability(id), refusal);
    }

    private static int capability(long id) {
        if (!textInfo(id, CL_DEVICE_EXTENSIONS).contains(NVIDIA)) {
            return 0;
        }
        return (int) (10 * longInfo(id, CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV)
                + longInfo(id, CL_DEVICE_COMPUTE_CAPABILITY_MINOR_NV));
    }

    /** A number of four or eight bytes. */
    private static long longInfo(long device, int what) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            ByteBuffer value = stack.calloc(8, Long.BYTES);
            Errors.check(CL10.clGetDeviceInfo(device, what, value, null), "clGetDeviceInfo");
            return value.getLong(0);
        }
    }

    private static String textInfo(long device, int what) {
        return Errors.text((value, size) -> CL10.clGetDeviceInfo(device, what, value, size), "clGetDeviceInfo");
    }

    private static String platformName(long platform) {
        return Errors.text((value, size) -> CL10.clGetPlatformInfo(platform, CL_PLATFORM_NAME, value, size),
                "clGetPlatformInfo");
    }

    /** Whether it is the CPU, by PoCL. */
    boolean isPocl() {
        return platformName.equals(POCL);
    }

    boolean isGpu() {
        return (type & CL_DEVICE_TYPE_GPU) != 0;
    }

    /** What a person is told of it. */
    Device describe() {
        String note = refusal != null ? null : exact ? null
                : "its division and square root, or its smallest numbers, are not exact: results are within the"
                        + " tolerance, and not the bits of other backends";
        return new Device("opencl:" + number, name, platformName + ", " + version + ", driver " + driver, isGpu(),
                memory, computeUnits, refusal, note);
    }
}
