package dev.bert4j.backend.nativecpu;

import static dev.bert4j.backend.nativecpu.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The kernels of bf16 for one kind of instructions. */
public final class HalfKernels {
    private static final MethodHandle PACK = Downcalls.of(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT,
            ADDRESS));
    private static final MethodHandle GEMM = Downcalls.of(FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG,
            JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

    private final String name;
    private final MemorySegment guarded;
    private final MemorySegment pack;
    private final MemorySegment gemm;

    HalfKernels(NativeLibrary library, String name) {
        this.name = name;
        guarded = library.address("bert4j_guarded_bf16");
        pack = library.address("bert4j_pack_bf16_" + name);
        gemm = library.address("bert4j_gemm_bf16_" + name);
    }

    /** The instructions. */
    public String name() {
        return name;
    }

    /** Bytes of a packed panel. */
    public static long packedBytes(int depth, int lanes) {
        return 2L * lanes * Math.ceilDiv(depth, 32) * 32;
    }

    /** Rounds a panel to bf16. */
    public void pack(MemorySegment x, int depth, int lanes, MemorySegment packed) {
        try {
            PACK.invokeExact(pack, x, depth, lanes, packed);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * The product of weights and a panel that {@link #pack} has packed.
     *
     * @throws InternalError if w is a mapped file that cannot be read; y is half done then
     */
    public void gemm(MemorySegment w, long step, int rows, int depth, MemorySegment packed, int lanes, int used,
            MemorySegment y) {
        try {
            Downcalls.requireRead((int) GEMM.invokeExact(guarded, gemm, w, step, rows, depth, packed, lanes, used, y));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }
}
