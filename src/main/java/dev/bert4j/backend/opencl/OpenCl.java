package dev.bert4j.backend.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Optional;
import org.lwjgl.opencl.CL;
import org.lwjgl.system.Configuration;

/**
 * The OpenCL loader of the system, which LWJGL is brought up on once a JVM. Whoever looks for a GPU asks here: the
 * classes of the backend itself take time to load, and most machines have no use for them.
 */
public final class OpenCl {
    /** What the loader is called on Linux with and without its development package, on Windows, and on macOS. */
    private static final List<String> LIBRARIES = List.of("libOpenCL.so.1", "libOpenCL.so", "OpenCL.dll",
            "/System/Library/Frameworks/OpenCL.framework/OpenCL");
    private static final String NO_LIBRARY = "no OpenCL loader was found (" + String.join(", ", LIBRARIES)
            + "); on Debian it comes with the package ocl-icd-libopencl1, and a device with the driver of its maker.";

    private OpenCl() {
    }

    /** The loader, if there is one. */
    private record Loader(String name, SymbolLookup symbols) {
        static final Optional<Loader> FOUND = find();

        private static Optional<Loader> find() {
            for (String name : LIBRARIES) {
                Optional<SymbolLookup> symbols = symbols(name);
                if (symbols.isPresent()) {
                    return Optional.of(new Loader(name, symbols.get()));
                }
            }
            return Optional.empty();
        }

        /** Asking by the name of the file is quiet where it is absent. */
        @SuppressWarnings("restricted")
        private static Optional<SymbolLookup> symbols(String library) {
            try {
                return Optional.of(SymbolLookup.libraryLookup(library, Arena.global()));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
    }

    /** The answer of the one attempt. */
    private static final class Attempt {
        static final Optional<String> REFUSAL = bringUp();

        private Attempt() {
        }
    }

    /** Why OpenCL cannot be had in this JVM, if so; as a clause that follows a colon. */
    static Optional<String> refusal() {
        return Attempt.REFUSAL;
    }

    /** Whether there is a GPU that can be used. */
    public static boolean hasGpu() {
        // Most machines have no OpenCL or no GPU, which is soon found out; to start LWJGL takes a third of a second.
        return mayHaveGpu() && refusal().isEmpty() && OpenClDevice.anyGpu();
    }

    /**
     * Whether the loader may know of a GPU, and LWJGL is there to use it. It is not started for that; but where it is
     * missing, the loader is not even asked, for that may load a driver of a hundred megabytes.
     */
    static boolean mayHaveGpu() {
        return isLwjglThere() && Loader.FOUND.isPresent() && GpuSearch.mayFindOne(Loader.FOUND.get().symbols());
    }

    private static boolean isLwjglThere() {
        try {
            Class.forName("org.lwjgl.opencl.CL", false, OpenCl.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        } catch (LinkageError e) {
            // There, but of no use; whoever starts it on a GPU says what is wrong.
            return true;
        }
    }

    private static Optional<String> bringUp() {
        if (Loader.FOUND.isEmpty()) {
            return Optional.of(NO_LIBRARY);
        }
        try {
            return Lwjgl.bringUp(Loader.FOUND.get().name());
        } catch (NoClassDefFoundError e) {
            return Optional.of("LWJGL is not on the class path; add org.lwjgl:lwjgl and org.lwjgl:lwjgl-opencl with"
                    + " lwjgl's natives for this system.");
        }
    }

    /** All that touches LWJGL's classes, which need not be there. */
    private static final class Lwjgl {
        private Lwjgl() {
        }

        static Optional<String> bringUp(String library) {
            try {
                // Its other way to native memory is Unsafe, of which the JVM warns.
                Configuration.MEMORY_BACKEND.set("ffm");
                Configuration.OPENCL_EXPLICIT_INIT.set(true);
                CL.create(library);
                return Optional.empty();
            } catch (UnsatisfiedLinkError e) {
                return Optional.of("LWJGL's native library could not be loaded (" + firstLine(e) + "); add lwjgl's"
                        + " natives for this system to the class path.");
            } catch (IllegalStateException e) {
                return Optional.of("the OpenCL loader " + library + " is not usable (" + firstLine(e) + ").");
            }
        }

        private static String firstLine(Throwable e) {
            return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        }
    }
}
