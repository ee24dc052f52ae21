package dev.bert4j.backend.opencl;

/** The device has no memory left. */
final class DeviceMemoryException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    DeviceMemoryException(String what) {
        super("The OpenCL device has no memory left for " + what
                + "; give fewer texts at a time, or close other models.");
    }
}
