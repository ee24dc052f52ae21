package dev.bert4j.backend;

import dev.bert4j.backend.opencl.OpenClBackend;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where a model can be: devices by the names that PyTorch gives them, a kind or {@code kind:number}. */
public final class Devices {
    /** The processor. */
    public static final String CPU = "cpu";
    private static final String KNOWN = "devices known: cpu, opencl, auto";

    private Devices() {
    }

    /** The devices beside the CPU, those that cannot be used, too. */
    public static List<Device> all() {
        return OpenClBackend.devices();
    }

    /** Why this JVM knows no devices beside the CPU, if so; a clause. */
    public static Optional<String> refusal() {
        return OpenClBackend.refusal();
    }

    /**
     * The backend for a device, as {@link Backends#choose} takes it.
     *
     * @param device {@code cpu}, {@code opencl} for the first GPU or else the first OpenCL device, {@code opencl:N},
     *     either with a precision of tensor cores behind it, {@code opencl:tf32}, or {@code auto} for the best that
     *     there is; upper and lower case are alike
     * @throws IllegalArgumentException if it names none; the message says what would be right
     */
    public static String backend(String device) {
        String name = device.strip().toLowerCase(Locale.ROOT);
        if (name.equals(CPU) || name.equals(Backends.AUTO) || name.matches(OpenClBackend.NAMES)) {
            return name;
        }
        if (name.startsWith("opencl:")) {
            throw new IllegalArgumentException("'" + device + "' names no device: after 'opencl:' must come the number"
                    + " of one, from 0, or a precision (bf16, tf32, tf32x3), or both, as in opencl:0:tf32.");
        }
        if (name.startsWith("cpu:") || name.startsWith("auto:")) {
            throw new IllegalArgumentException("'" + device + "' names no device: '"
                    + name.substring(0, name.indexOf(':')) + "' has no number.");
        }
        throw new IllegalArgumentException("There is no device '" + device + "'; " + KNOWN + ".");
    }

    /**
     * Whether what runs on a device serves who asks for another name, {@code opencl} for {@code opencl:1}. Who names no
     * number takes any; who names no precision gets none but fp32.
     */
    public static boolean serves(String device, String asked) {
        return device.equals(asked) || device.replaceFirst(":[0-9]+", "").equals(asked);
    }
}
