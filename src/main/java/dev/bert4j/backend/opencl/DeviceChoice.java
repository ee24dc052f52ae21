package dev.bert4j.backend.opencl;

import java.util.List;
import java.util.Optional;

/** Which device is meant, or why it cannot be had: an IllegalStateException whose message, a clause, says it. */
final class DeviceChoice {
    /** The first with instructions for bf16 and tf32: Ampere. */
    private static final int LEAST_CAPABILITY = 80;

    private DeviceChoice() {
    }

    /** The device of a number, or for −1 the first GPU that can compute in that precision, or else the first device. */
    static OpenClDevice of(int number, Precision precision) {
        OpenCl.refusal().ifPresent(reason -> {
            throw new IllegalStateException(reason);
        });
        List<OpenClDevice> devices = OpenClDevice.all();
        if (devices.isEmpty()) {
            throw new IllegalStateException("the OpenCL loader knows no device; the driver of one is missing.");
        }
        if (number >= devices.size()) {
            throw new IllegalStateException("there is no device " + number + ", but " + devices.size()
                    + ", counted from 0; 'bert devices' lists them.");
        }
        OpenClDevice device = number >= 0 ? devices.get(number) : first(devices, precision);
        if (device.refusal() != null) {
            throw new IllegalStateException(device.name() + " cannot be used: " + device.refusal() + ".");
        }
        refusal(device, precision).ifPresent(reason -> {
            throw new IllegalStateException(device.name() + " cannot compute in " + precision + ": " + reason + ".");
        });
        return device;
    }

    private static OpenClDevice first(List<OpenClDevice> devices, Precision precision) {
        List<OpenClDevice> usable = devices.stream().filter(device -> device.refusal() == null).toList();
        List<OpenClDevice> gpus = usable.stream().filter(OpenClDevice::isGpu).toList();
        return gpus.stream().filter(device -> refusal(device, precision).isEmpty()).findFirst()
                .or(() -> gpus.stream().findFirst()).or(() -> usable.stream().findFirst())
                .orElse(devices.getFirst());
    }

    /** Why a device cannot compute in a precision, if so. */
    static Optional<String> refusal(OpenClDevice device, Precision precision) {
        if (precision == Precision.FP32) {
            return Optional.empty();
        }
        int capability = device.capability();
        if (capability == 0) {
            return Optional.of("that takes tensor cores of NVIDIA, which it does not have");
        }
        return capability >= LEAST_CAPABILITY ? Optional.empty()
                : Optional.of("its compute capability is " + capability / 10 + "." + capability % 10
                        + ", and that takes 8.0 at the least");
    }
}
