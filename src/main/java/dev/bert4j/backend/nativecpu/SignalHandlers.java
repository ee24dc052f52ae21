package dev.bert4j.backend.nativecpu;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps other libraries from the signals by which the JVM finds null references and cut off files: LLVM, and PoCL with
 * it, takes them when it is loaded, for handlers under which a second fault at the same moment ends the process. What
 * loads such a library does it while this is open, in one thread. Without the C kernels nothing is done.
 */
public final class SignalHandlers implements AutoCloseable {
    /** Held while one is open: what another library has taken must not be kept as what was there before. */
    private static final ReentrantLock LOCK = new ReentrantLock();

    private final NativeLibrary library;

    private SignalHandlers(NativeLibrary library) {
        this.library = library;
    }

    /** Puts back at its end what handlers there are now. */
    public static SignalHandlers kept() {
        Optional<NativeLibrary> library = NativeLibrary.ifIncluded();
        LOCK.lock();
        library.ifPresent(kept -> kept.number("keep_signals"));
        return new SignalHandlers(library.orElse(null));
    }

    @Override
    public void close() {
        if (library != null) {
            library.number("restore_signals");
        }
        LOCK.unlock();
    }
}
