package dev.bert4j.backend;

import java.util.Locale;

/** Where a model can be: devices by the names that PyTorch gives them, a kind or {@code kind:number}. */
public final class Devices {
    private static final String KNOWN = "devices known: cpu, auto";

    private Devices() {
    }

    /**
     * Checks that every model of this version is on that device.
     *
     * @param device {@code cpu}, or {@code auto} for the best that there is; upper and lower case are alike
     * @throws IllegalArgumentException if it names none; the message says what would be right
     * @throws UnsupportedOperationException if this version has no backend for it: {@code opencl}, {@code opencl:0}
     */
    public static void require(String device) {
        String name = device.strip().toLowerCase(Locale.ROOT);
        if (name.equals("cpu") || name.equals("auto")) {
            return;
        }
        if (name.matches("opencl(:[0-9]{1,4})?")) {
            throw new UnsupportedOperationException("There is no backend for the device '" + device
                    + "' in this version; " + KNOWN + ".");
        }
        if (name.startsWith("opencl:")) {
            throw new IllegalArgumentException("'" + device + "' names no device: after 'opencl:' must come the number"
                    + " of one, from 0, as in opencl:0.");
        }
        if (name.startsWith("cpu:") || name.startsWith("auto:")) {
            throw new IllegalArgumentException("'" + device + "' names no device: '"
                    + name.substring(0, name.indexOf(':')) + "' has no number.");
        }
        throw new IllegalArgumentException("There is no device '" + device + "'; " + KNOWN + ".");
    }
}
