package dev.bert4j.backend.nativecpu;

import static dev.bert4j.backend.nativecpu.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The kernels of int8 for one kind of instructions. */
public final class ByteKernels {
    /** How deep a product may be, so that no sum leaves 32 bits. */
    public static final int MOST_DEPTH = 1 << 16;

    private static final MethodHandle PACK = Downcalls.of(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT,
            ADDRESS, ADDRESS));
    private static final MethodHandle GEMM = Downcalls.of(FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG,
            JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle SUMS = Downcalls.of(FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT,
            JAVA_INT, ADDRESS));

    private final String name;
    private final MemorySegment guarded;
    private final MemorySegment pack;
    private final MemorySegment gemm;
    private final MemorySegment sums;

    ByteKernels(NativeLibrary library, String name) {
        this.name = name;
        guarded = library.address("bert4j_guarded_s8");
        pack = library.address("bert4j_pack_s8_" + name);
        gemm = library.address("bert4j_gemm_s8_" + name);
        sums = library.address("bert4j_guarded_sums_s8");
    }

    /** The instructions. */
    public String name() {
        return name;
    }

    /** Bytes of a packed panel. */
    public static long packedBytes(int depth, int lanes) {
        return (long) lanes * Math.ceilDiv(depth, 64) * 64;
    }

    /** Rounds each token of a panel to bytes by a scale of its own. */
    public void pack(MemorySegment x, int depth, int lanes, MemorySegment packed, MemorySegment scales) {
        try {
            PACK.invokeExact(pack, x, depth, lanes, packed, scales);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * The product of weights and a panel that {@link #pack} has packed.
     *
     * @throws InternalError if w is a mapped file that cannot be read; y is half done then
     */
    public void gemm(MemorySegment w, long step, int rows, int depth, MemorySegment wScales, MemorySegment sumsOfRows,
            MemorySegment packed, MemorySegment xScales, int lanes, int used, MemorySegment y) {
        try {
            Downcalls.requireRead((int) GEMM.invokeExact(guarded, gemm, w, step, rows, depth, wScales, sumsOfRows,
                    packed, xScales, lanes, used, y));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The sums of rows of weights. */
    public int[] sums(MemorySegment w, long step, int rows, int depth) {
        int[] values = new int[rows];
        MemorySegment to = MemorySegment.ofArray(values);
        try {
            Downcalls.requireRead((int) SUMS.invokeExact(sums, w, step, rows, depth, to));
            return values;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }
}
