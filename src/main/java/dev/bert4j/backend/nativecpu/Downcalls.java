package dev.bert4j.backend.nativecpu;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/**
 * How C is called: without leaving Java's own state, so that a call costs nanoseconds and arrays may be arguments; a
 * kernel must not take long, then. A handle's first argument is where the function lies, so that it can be a constant,
 * which the JIT compiles into its callers.
 *
 * <p>All kernels are called by one signature, {@code bert4j_call} of bert4j.h: a JVM takes milliseconds to learn one. A
 * place in an array is the segment of the whole array and how far the place lies in it, since a segment that begins
 * there would be an object more for every call.
 */
final class Downcalls {
    private static final MethodHandle CALL = handle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG,
            ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS,
            JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT));

    private Downcalls() {
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(descriptor, Linker.Option.critical(true));
    }

    /**
     * Calls a kernel by one of the functions of call.c. No address is checked here: {@link #require} does it before.
     *
     * @throws InternalError if weights in a mapped file cannot be read; what is computed is half done then
     */
    static void call(MemorySegment function, long kernel, MemorySegment a, long aAt, MemorySegment b, long bAt,
            MemorySegment c, long cAt, MemorySegment d, long dAt, MemorySegment e, long eAt, MemorySegment f, long fAt,
            long step, int n0, int n1, int n2, int n3, int n4, int n5, float x0, float x1) {
        int fault;
        try {
            fault = (int) CALL.invokeExact(function, kernel, a, aAt, b, bAt, c, cAt, d, dAt, e, eAt, f, fAt, step, n0,
                    n1, n2, n3, n4, n5, x0, x1);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
        if (fault != 0) {
            // As the JVM would say it.
            throw new InternalError("a fault occurred in an unsafe memory access operation, in C");
        }
    }

    /** What a function of call.c answers that has no use for arguments, or for an array alone. */
    static int number(MemorySegment function, MemorySegment array) {
        try {
            return (int) CALL.invokeExact(function, 0L, array, 0L, NULL, 0L, NULL, 0L, NULL, 0L, NULL, 0L, NULL, 0L, 0L,
                    0, 0, 0, 0, 0, 0, 0f, 0f);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        }
    }

    /** The same of four arrays at most. */
    static void call(MemorySegment function, long kernel, MemorySegment a, long aAt, MemorySegment b, long bAt,
            MemorySegment c, long cAt, MemorySegment d, long dAt, long step, int n0, int n1, int n2, int n3, float x0) {
        call(function, kernel, a, aAt, b, bAt, c, cAt, d, dAt, NULL, 0, NULL, 0, step, n0,
                n1, n2, n3, 0, 0, x0, 0);
    }

    /** An argument that may be missing. */
    static MemorySegment orNull(MemorySegment segment) {
        return segment == null ? NULL : segment;
    }

    /** Demands that so many bytes lie at a place, for C does not look. */
    static void require(MemorySegment segment, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, segment.byteSize());
    }

    /** The same of packed values, which lie outside of the heap. */
    static void requireAligned(MemorySegment packed, long at, long bytes) {
        require(packed, at, bytes);
        if (!packed.isNative() || (packed.address() + at) % NativeKernels.ALIGNMENT != 0) {
            throw new IllegalArgumentException("packed values must lie outside of the heap, at a multiple of "
                    + NativeKernels.ALIGNMENT + ".");
        }
    }

    /** The same of a segment that may be missing. */
    static void requireIfAny(MemorySegment segment, long at, long bytes) {
        if (segment != null) {
            require(segment, at, bytes);
        }
    }

    /** The bytes from the first of some rows that lie apart to the end of the last. */
    static long rows(int rows, long step, long bytes) {
        return rows <= 0 ? 0 : (rows - 1) * step + bytes;
    }

    /** What a call threw, to be thrown again. */
    private static RuntimeException unexpected(Throwable e) {
        if (e instanceof RuntimeException known) {
            return known;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e);
    }
}
