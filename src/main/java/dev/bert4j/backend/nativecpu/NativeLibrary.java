package dev.bert4j.backend.nativecpu;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The library of C kernels, {@code native/cpu}: the one that the system property {@value #PROPERTY} names, or the one
 * for this system in the jar. It stays loaded until the JVM ends.
 */
final class NativeLibrary {
    /** The system property with the path of a library to take instead of that in the jar. */
    static final String PROPERTY = "dev.bert4j.nativecpu.library";

    private static final int ABI = 9;

    /** That of the jar, or why it cannot be had, once either is known. */
    private static NativeLibrary ofJar;
    private static IllegalStateException refusal;

    private final SymbolLookup symbols;
    /** What it is called in sentences. */
    private final String what;

    private NativeLibrary(SymbolLookup symbols, String what) {
        this.symbols = symbols;
        this.what = what;
    }

    /**
     * Loads it.
     *
     * @throws IllegalStateException if it cannot be had; the message, a clause, says why
     */
    static NativeLibrary load() {
        String named = System.getProperty(PROPERTY, "");
        return named.isEmpty() ? ofJar() : checked(() -> of(Path.of(named).toAbsolutePath(), "the library " + named
                + ", which -D" + PROPERTY + " names,"));
    }

    /** Once in a JVM: what was loaded stays, and what could not be loaded can as little the next time. */
    private static synchronized NativeLibrary ofJar() {
        if (refusal != null) {
            throw new IllegalStateException(refusal.getMessage(), refusal);
        }
        if (ofJar == null) {
            try {
                ofJar = checked(NativeLibrary::fromJar);
            } catch (IllegalStateException e) {
                refusal = e;
                throw e;
            }
        }
        return ofJar;
    }

    /** The library of the jar, if there is one that can be loaded. */
    static Optional<NativeLibrary> ifIncluded() {
        try {
            return NativeLibrary.class.getResource(resource()) == null ? Optional.empty() : Optional.of(ofJar());
        } catch (IllegalStateException e) {
            return Optional.empty();
        }
    }

    private static NativeLibrary checked(Supplier<NativeLibrary> loader) {
        requirePinning(Runtime.version());
        NativeLibrary library = loader.get();
        int abi = library.number("abi");
        if (abi != ABI) {
            throw new IllegalStateException(library.what + " is of version " + abi + ", and this bert4j needs " + ABI
                    + "; build both from the same sources.");
        }
        if (library.number("guard") != 0) {
            throw new IllegalStateException("the system lets nobody handle the faults of mapped files.");
        }
        return library;
    }

    /** Whether there is one to load. */
    static boolean isIncluded() {
        return !System.getProperty(PROPERTY, "").isEmpty() || NativeLibrary.class.getResource(resource()) != null;
    }

    private static String resource() {
        return "/native/" + platform() + "/" + System.mapLibraryName("bert4j");
    }

    /** Before 25.0.3, JDK 25 moved arrays that native code was working on, with its default collector. */
    static void requirePinning(Runtime.Version version) {
        if (version.feature() == 25 && version.interim() == 0 && version.update() < 3) {
            throw new IllegalStateException("this is JDK " + version + ", which may move arrays that native code works"
                    + " on; use 25.0.3 or later.");
        }
    }

    /** A system and its processor, as folders of the jar name them: {@code linux-x86_64}. */
    static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        return (os.startsWith("windows") ? "windows" : os.startsWith("mac") ? "macos" : "linux") + "-"
                + (arch.equals("amd64") ? "x86_64" : arch);
    }

    private static NativeLibrary fromJar() {
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resource())) {
            if (in == null) {
                throw new IllegalStateException("this build of bert4j has no C kernels for " + platform()
                        + "; build it where there is make and a C compiler.");
            }
            // A loader wants a file. Where a file in use can be deleted, none stays behind.
            Path file = Files.createTempFile("bert4j-", "-" + System.mapLibraryName("bert4j"));
            try {
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                return of(file, "the library of C kernels in the jar");
            } finally {
                if (!file.toFile().delete()) {
                    file.toFile().deleteOnExit();
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the library of C kernels could not be unpacked into "
                    + System.getProperty("java.io.tmpdir") + " (" + e + "); -Djava.io.tmpdir names another folder.", e);
        }
    }

    @SuppressWarnings("restricted")
    private static NativeLibrary of(Path file, String what) {
        try {
            if (platform().startsWith("linux") && !ElfFile.isOne(file)) {
                throw new IllegalStateException(what + " cannot be loaded: it is no library of this system.");
            }
            if (!ElfFile.isWhole(file)) {
                throw new IllegalStateException(what + " cannot be loaded: it was cut off, or its end is empty.");
            }
            return new NativeLibrary(SymbolLookup.libraryLookup(file, Arena.global()), what);
        } catch (IOException e) {
            throw new IllegalStateException(what + " cannot be loaded: " + (Files.isDirectory(file)
                    ? "it is a folder." : Files.exists(file) ? "it cannot be read." : "there is no such file."), e);
        } catch (IllegalCallerException e) {
            throw new IllegalStateException("the JVM denies native access; start it with"
                    + " --enable-native-access=dev.bert4j, or ALL-UNNAMED on the class path.", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(what + " cannot be loaded: it is damaged, for another system, or in a"
                    + " folder from which nothing may be run (" + file.toAbsolutePath().getParent() + ").", e);
        }
    }

    /** What a function answers that takes no arguments. */
    int number(String function) {
        return Downcalls.number(address("bert4j_call_" + function), MemorySegment.NULL);
    }

    /** Where a function lies. */
    MemorySegment address(String function) {
        return symbols.find(function).orElseThrow(() -> new IllegalStateException(
                what + " lacks " + function + "; build both from the same sources."));
    }

    /**
     * A kernel, and what Java calls it by.
     *
     * @param function the function of call.c
     * @param address where the kernel lies
     */
    record Kernel(MemorySegment function, long address) {
    }

    /** The kernel of that kind for some instructions. */
    Kernel kernel(String kind, String instructions) {
        return kernel(kind, kind, instructions);
    }

    /** A kernel of a kind that is called as another is. */
    Kernel kernel(String calledAs, String kind, String instructions) {
        return new Kernel(address("bert4j_call_" + calledAs),
                address("bert4j_" + kind + "_" + instructions).address());
    }
}
