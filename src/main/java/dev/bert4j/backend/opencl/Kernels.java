package dev.bert4j.backend.opencl;

import java.util.HashMap;
import java.util.Map;

/** The kernels of a session, made when they are first wanted. */
final class Kernels {
    private final DeviceContext context;
    private final Programs programs;
    private final Map<String, DeviceKernel> kernels = new HashMap<>();

    Kernels(DeviceContext context, Programs programs) {
        this.context = context;
        this.programs = programs;
    }

    /** A kernel of a file that is built with these macros; its first argument is the next to be set. */
    DeviceKernel get(String file, String macros, String name) {
        return kernels.computeIfAbsent(name + macros,
                key -> new DeviceKernel(context, programs.get(file, macros), name)).begin();
    }

    void release() {
        kernels.values().forEach(DeviceKernel::release);
        kernels.clear();
    }
}
