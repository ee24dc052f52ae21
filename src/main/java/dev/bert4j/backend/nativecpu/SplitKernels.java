package dev.bert4j.backend.nativecpu;

import static dev.bert4j.backend.nativecpu.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The kernels that multiply fp32 as two numbers of bf16 each, {@code bf16x3}, for one kind of instructions. */
public final class SplitKernels {
    /** What packed rows and panels begin at a multiple of. */
    public static final int ALIGNMENT = 64;

    private static final int ROWS = 16;
    private static final int STEP = 32;
    private static final MethodHandle SPLIT = Downcalls.of(FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG,
            JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle PACK = Downcalls.of(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT,
            ADDRESS));
    private static final MethodHandle GEMM = Downcalls.of(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT,
            ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

    private final String name;
    private final MemorySegment guarded;
    private final MemorySegment split;
    private final MemorySegment pack;
    private final MemorySegment gemm;

    SplitKernels(NativeLibrary library, String name) {
        this.name = name;
        guarded = library.address("bert4j_guarded_split");
        split = library.address("bert4j_split_bf16x3_" + name);
        pack = library.address("bert4j_pack_bf16x3_" + name);
        gemm = library.address("bert4j_gemm_bf16x3_" + name);
    }

    /** The instructions. */
    public String name() {
        return name;
    }

    /** Bytes of packed rows of weights, or of a packed panel of so many lanes. */
    public static long packedBytes(int rows, int depth) {
        return 4L * Math.ceilDiv(rows, ROWS) * ROWS * Math.ceilDiv(depth, STEP) * STEP;
    }

    /**
     * Packs rows of weights.
     *
     * @throws InternalError if w is a mapped file that cannot be read
     */
    public void split(MemorySegment w, long step, int rows, int depth, MemorySegment packed) {
        try {
            Downcalls.requireRead((int) SPLIT.invokeExact(guarded, split, w, step, rows, depth, packed));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Packs a panel. */
    public void pack(MemorySegment x, int depth, int lanes, MemorySegment packed) {
        try {
            PACK.invokeExact(pack, x, depth, lanes, packed);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The product of packed rows and a packed panel. */
    public void gemm(MemorySegment w, int rows, int depth, MemorySegment packed, int lanes, int used,
            MemorySegment y) {
        try {
            GEMM.invokeExact(gemm, w, rows, depth, packed, lanes, used, y);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }
}
