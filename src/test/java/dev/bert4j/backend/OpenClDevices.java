package dev.bert4j.backend;

import dev.bert4j.backend.opencl.OpenClBackend;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** The OpenCL devices that tests run on: any that can be used, most often the CPU behind PoCL. */
public final class OpenClDevices {
    private OpenClDevices() {
    }

    /** Whether there is a device that can be used. */
    public static boolean any() {
        return Devices.all().stream().anyMatch(device -> device.refusal() == null);
    }

    /** Skips a test where there is none; on CI there must be one. */
    public static void require() {
        if (System.getenv("CI") == null) {
            Assumptions.assumeTrue(any(), () -> "no OpenCL device here: "
                    + Devices.refusal().orElse("the loader knows none that can be used"));
        } else if (!any()) {
            throw new AssertionError("CI must have an OpenCL device; .ci/run installs PoCL.");
        }
    }

    /** A device whose bits are those of the other backends; the caller closes it. */
    public static Optional<Backend> exact() {
        if (!any()) {
            return Optional.empty();
        }
        OpenClBackend backend = OpenClBackend.onDevice(-1);
        if (backend.isExact()) {
            return Optional.of(backend);
        }
        backend.close();
        return Optional.empty();
    }
}
