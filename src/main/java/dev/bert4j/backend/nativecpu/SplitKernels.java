package dev.bert4j.backend.nativecpu;

import static dev.bert4j.backend.nativecpu.Downcalls.call;
import static dev.bert4j.backend.nativecpu.Downcalls.require;
import static dev.bert4j.backend.nativecpu.Downcalls.requireAligned;
import static dev.bert4j.backend.nativecpu.Downcalls.rows;
import static java.lang.foreign.MemorySegment.NULL;

import java.lang.foreign.MemorySegment;

/**
 * The kernels that multiply fp32 as two numbers of bf16 each, {@code bf16x3}, for one kind of instructions. Behind each
 * segment stands how many bytes are passed over.
 */
public final class SplitKernels {
    private static final int ROWS = 16;
    private static final int STEP = 32;

    private final String name;
    private final NativeLibrary.Kernel split;
    private final NativeLibrary.Kernel pack;
    private final NativeLibrary.Kernel gemm;

    SplitKernels(NativeLibrary library, String name) {
        this.name = name;
        split = library.kernel("split_bf16x3", name);
        pack = library.kernel("pack_bf16x3", name);
        gemm = library.kernel("gemm_bf16x3", name);
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
    public void split(MemorySegment w, long wAt, long step, int rows, int depth, MemorySegment packed, long packedAt) {
        require(w, wAt, rows(rows, step, 4L * depth));
        requireAligned(packed, packedAt, packedBytes(rows, depth));
        call(split.function(), split.address(), w, wAt, packed, packedAt, NULL, 0, NULL, 0, step, rows, depth, 0, 0, 0);
    }

    /** Packs a panel. */
    public void pack(MemorySegment x, long xAt, int depth, int lanes, MemorySegment packed, long packedAt) {
        require(x, xAt, 4L * depth * lanes);
        requireAligned(packed, packedAt, packedBytes(lanes, depth));
        call(pack.function(), pack.address(), x, xAt, packed, packedAt, NULL, 0, NULL, 0, 0, depth, lanes, 0, 0, 0);
    }

    /** The product of packed rows and a packed panel. */
    public void gemm(MemorySegment w, long wAt, int rows, int depth, MemorySegment packed, long packedAt, int lanes,
            int used, MemorySegment y, long yAt) {
        requireAligned(w, wAt, packedBytes(rows, depth));
        requireAligned(packed, packedAt, packedBytes(lanes, depth));
        require(y, yAt, 4L * rows * lanes);
        call(gemm.function(), gemm.address(), w, wAt, packed, packedAt, y, yAt, NULL, 0, 0, rows, depth, lanes, used,
                0);
    }
}
