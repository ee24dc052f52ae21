package dev.bert4j.backend;

import dev.bert4j.backend.opencl.OpenCl;
import dev.bert4j.backend.opencl.OpenClBackend;
import dev.bert4j.backend.reference.ReferenceBackend;
import dev.bert4j.backend.vector.VectorBackend;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Chooses the backend of a model.
 *
 * <p>What is asked for explicitly comes first, then the system property {@value #PROPERTY}, then the environment
 * variable {@value #VARIABLE}, then {@code auto}: a GPU, where there is one and the JVM allows native access; else the
 * best that the processor can run, which {@code cpu} gives in any case, and which a model gets as well that the GPU has
 * no room for. That is {@code nativecpu}, the C kernels, where the jar has them and the JVM allows native access, else
 * {@code vector}, else {@code reference}, all with the same bits. Whatever of the first three names a backend gets that
 * one or an error, never another. One log line says what was chosen and why, when that is made, which may be after a
 * model was opened: at DEBUG, or as a WARNING where less than the best had to be taken.
 *
 * <p>{@code nativecpu} takes a precision that weights which are stored so are multiplied in: {@code nativecpu:int8} and
 * {@code nativecpu:bf16} with activations rounded to the same, and an encoder's attention in bf16 where there is
 * AVX512-BF16, {@code nativecpu:int8x2} with activations of two bytes.
 * {@code nativecpu:bf16x3} multiplies all weights as two numbers of bf16 each, on processors that have AMX: four
 * digits or five, where fp32 has six.
 * {@code opencl} takes the number of a device, {@code opencl:1}, and a precision in which the tensor cores of an NVIDIA
 * GPU multiply weights, {@code opencl:tf32} or {@code opencl:1:tf32}: {@code bf16} and {@code tf32} round what they
 * multiply, {@code tf32x3} is as exact as fp32 and has other bits.
 */
public final class Backends {
    /** The system property that names a backend. */
    public static final String PROPERTY = "dev.bert4j.backend";
    /** The environment variable that names a backend. */
    public static final String VARIABLE = "BERT4J_BACKEND";
    /** The choice by what there is. */
    public static final String AUTO = "auto";

    /** More than any machine has processors. */
    private static final int MAX_THREADS = 1024;
    private static final String VARIANTS = OpenClBackend.NAMES + "|" + VectorBackend.NATIVE
            + ":(int8|int8x2|bf16|bf16x3)";
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    private Backends() {
    }

    /** The names that can be asked for, {@code auto} first. */
    public static List<String> names() {
        return List.of(AUTO, Devices.CPU, VectorBackend.NAME, VectorBackend.NATIVE, OpenClBackend.NAME,
                ReferenceBackend.NAME);
    }

    /**
     * Makes the backend for a model.
     *
     * @param name a name of {@link #names}, or null to go by property, environment and {@code auto}
     * @param threads how many threads an operation may use, at least 1, or 0 for one for each processor
     * @throws IllegalArgumentException if the name is unknown or the number of threads negative
     * @throws IllegalStateException if the named backend cannot be had here; the message says why
     */
    public static Backend choose(String name, int threads) {
        int count = threads(threads);
        Request asked = request(name);
        return asked == null || asked.name().equals(AUTO) ? auto(count) : named(asked.name(), asked.by(), count);
    }

    private static int threads(int asked) {
        if (asked < 0 || asked > MAX_THREADS) {
            throw new IllegalArgumentException("threads must be at least 1, or 0 for all processors, and at most "
                    + MAX_THREADS + ", not " + asked + ".");
        }
        return asked == 0 ? Runtime.getRuntime().availableProcessors() : asked;
    }

    /**
     * The name of the backend that somebody asks for: the caller with a name that is not null, the system property or
     * the environment variable; empty if nobody does.
     *
     * @throws IllegalArgumentException if the name is unknown
     */
    public static Optional<String> asked(String name) {
        Request request = request(name);
        return request == null ? Optional.empty() : Optional.of(request.name());
    }

    /** A known name, and who asks for it. */
    private record Request(String name, String by) {
    }

    private static Request request(String name) {
        String given = known(name, "the caller");
        if (given != null) {
            return new Request(given, "the caller");
        }
        String inProperty = known(System.getProperty(PROPERTY), "-D" + PROPERTY);
        if (inProperty != null) {
            return new Request(inProperty, "-D" + PROPERTY);
        }
        String inVariable = known(System.getenv(VARIABLE), VARIABLE);
        return inVariable == null ? null : new Request(inVariable, VARIABLE);
    }

    private static String known(String name, String by) {
        if (name == null || name.isBlank()) {
            return null;
        }
        String known = name.strip().toLowerCase(Locale.ROOT);
        if (!names().contains(known) && !known.matches(VARIANTS)) {
            throw new IllegalArgumentException("There is no backend '" + name + "', which " + by
                    + " asks for; use one of " + alternatives(known) + ".");
        }
        return known;
    }

    /** What an unknown name may have meant: the variants of a backend, or all backends. */
    private static String alternatives(String name) {
        return switch (name.replaceFirst(":.*", "")) {
            case VectorBackend.NATIVE -> "nativecpu, nativecpu:int8, nativecpu:int8x2, nativecpu:bf16,"
                    + " nativecpu:bf16x3";
            case OpenClBackend.NAME -> "opencl, opencl:N for a device, and behind either :bf16, :tf32 or :tf32x3";
            default -> String.join(", ", names());
        };
    }

    private static Backend named(String name, String by, int threads) {
        if (name.equals(Devices.CPU)) {
            return cpu(threads, "");
        }
        if (name.equals(VectorBackend.NAME) && vectorRefusal() == null) {
            return vector(threads, by);
        }
        Backend backend;
        try {
            backend = create(name, threads);
        } catch (DeviceMemoryException e) {
            throw e;
        } catch (IllegalStateException e) {
            throw new IllegalStateException("The backend '" + name + "', which " + by
                    + " asks for, cannot be had: " + e.getMessage(), e);
        }
        log().log(Level.DEBUG, "Backend {0} ({1}), asked for by {2}.", backend.name(), backend.description(), by);
        return backend;
    }

    /** Vectors that somebody asks for; nothing can be wrong with them any more, so that they are made meanwhile. */
    private static Backend vector(int threads, String by) {
        return new PreparedBackend(new PreparedBackend.Maker() {
            @Override
            public Backend make() {
                return new VectorBackend(threads);
            }

            @Override
            public void log(Backend backend) {
                Backends.log().log(Level.DEBUG, "Backend {0} ({1}), asked for by {2}.", backend.name(),
                        backend.description(), by);
            }
        });
    }

    /** Asked for where there is something to say: to bring logging up takes a fresh JVM as long as to open a model. */
    private static System.Logger log() {
        return System.getLogger(Backends.class.getPackageName());
    }

    /**
     * Another backend for a model that the first had no room for: the CPU's, where {@code auto} chose.
     *
     * @throws DeviceMemoryException the one given, where somebody asks for that backend
     */
    public static Backend instead(String name, int threads, DeviceMemoryException e) {
        if (!asked(name).orElse(AUTO).equals(AUTO)) {
            throw e;
        }
        return cpu(threads(threads), "; not opencl: " + e.getMessage());
    }

    /** The device that {@code auto} would take. */
    public static String auto() {
        return isNativeAccessEnabled() && OpenCl.hasGpu() ? OpenClBackend.NAME : Devices.CPU;
    }

    private static Backend auto(int threads) {
        String why = "";
        try {
            if (auto().equals(OpenClBackend.NAME)) {
                return logged(OpenClBackend.onDevice(-1), "");
            }
        } catch (IllegalStateException e) {
            why = "; not opencl: " + e.getMessage();
        }
        return cpu(threads, why);
    }

    private static Backend cpu(int threads, String notGpu) {
        String refusal = vectorRefusal();
        return refusal == null ? new PreparedBackend(new NativeOrVector(threads, notGpu))
                : logged(new ReferenceBackend(threads), notGpu + "; not vector, many times as fast: " + refusal);
    }

    /** Makes the best that the CPU can run. */
    private static final class NativeOrVector implements PreparedBackend.Maker {
        private final int threads;
        private String notOthers;

        private NativeOrVector(int threads, String notGpu) {
            this.threads = threads;
            notOthers = notGpu;
        }

        @Override
        public Backend make() {
            if (isNativeAccessEnabled() && VectorBackend.hasNativeKernels()) {
                try {
                    return VectorBackend.withNativeKernels(threads, null);
                } catch (IllegalStateException e) {
                    notOthers += "; not nativecpu: " + e.getMessage();
                }
            }
            return new VectorBackend(threads);
        }

        @Override
        public void log(Backend backend) {
            logged(backend, notOthers);
        }
    }

    private static Backend logged(Backend backend, String notOthers) {
        log().log(notOthers.isEmpty() ? Level.DEBUG : Level.WARNING, "Backend {0} ({1}){2}", backend.name(),
                backend.description(), notOthers.isEmpty() ? "." : notOthers);
        return backend;
    }

    /** Where the JVM was not told to allow native access, to try would make it print a warning. */
    private static boolean isNativeAccessEnabled() {
        return Backends.class.getModule().isNativeAccessEnabled();
    }

    /** A backend by its name; throws an IllegalStateException whose message, a clause, says why it cannot be had. */
    private static Backend create(String name, int threads) {
        if (name.equals(ReferenceBackend.NAME)) {
            return new ReferenceBackend(threads);
        }
        int colon = name.indexOf(':');
        if (name.equals(VectorBackend.NAME) || name.startsWith(VectorBackend.NATIVE)) {
            String refusal = vectorRefusal();
            if (refusal != null) {
                throw new IllegalStateException(refusal);
            }
            return VectorBackend.withNativeKernels(threads, colon < 0 ? null : name.substring(colon + 1));
        }
        return OpenClBackend.named(name);
    }

    /** Why the Vector API cannot be used; null if it can. */
    private static String vectorRefusal() {
        // On the class path nothing asks the JVM for an incubating module unless the user does.
        return ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent() ? null
                : "the JVM runs without the Vector API; start it with --add-modules " + VECTOR_MODULE
                        + ", or put bert4j on the module path.";
    }
}
