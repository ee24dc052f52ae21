package dev.bert4j.backend.nativecpu;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * How C is called: without leaving Java's own state, so that a call costs nanoseconds and arrays may be arguments; a
 * kernel must not take long, then. A handle's first argument is where the function lies, so that it can be a constant,
 * which the JIT compiles into its callers.
 */
final class Downcalls {
    private Downcalls() {
    }

    @SuppressWarnings("restricted")
    static MethodHandle of(FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(descriptor, Linker.Option.critical(true));
    }

    /** An argument that may be missing. */
    static MemorySegment orNull(MemorySegment segment) {
        return segment == null ? MemorySegment.NULL : segment;
    }

    /** Says as the JVM would that a mapped file could not be read, where a product answers so. */
    static void requireRead(int fault) {
        if (fault != 0) {
            throw new InternalError("a fault occurred in an unsafe memory access operation, in C");
        }
    }

    /** What a call threw, to be thrown again. */
    static RuntimeException unexpected(Throwable e) {
        if (e instanceof RuntimeException known) {
            return known;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e);
    }
}
