package dev.bert4j.backend.nativecpu;

import java.util.Optional;

/**
 * Keeps other libraries from the signals by which the JVM finds null references and cut off files: LLVM, and PoCL with
 * it, takes them when it is loaded, for handlers under which a second fault at the same moment ends the process. What
 * loads such a library does it while this is open. Without the C kernels nothing is done.
 */
public final class SignalHandlers implements AutoCloseable {
    private static final Object LOCK = new Object();

    private final NativeLibrary library;

    private SignalHandlers(NativeLibrary library) {
        this.library = library;
    }

    /** Puts back at its end what handlers there are now. */
    public static SignalHandlers kept() {
        Optional<NativeLibrary> library = NativeLibrary.ifIncluded();
        synchronized (LOCK) {
            library.ifPresent(kept -> kept.number("bert4j_keep_signals"));
        }
        return new SignalHandlers(library.orElse(null));
    }

    @Override
    public void close() {
        if (library != null) {
            synchronized (LOCK) {
                library.number("bert4j_restore_signals");
            }
        }
    }
}
