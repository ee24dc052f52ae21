package dev.bert4j.backend.nativecpu;

import static dev.bert4j.backend.nativecpu.Downcalls.call;
import static dev.bert4j.backend.nativecpu.Downcalls.require;
import static dev.bert4j.backend.nativecpu.Downcalls.rows;
import static java.lang.foreign.MemorySegment.NULL;

import java.lang.foreign.MemorySegment;

/** The kernels of int8 for one kind of instructions. Behind each segment stands how many bytes are passed over. */
public final class ByteKernels {
    /** How deep a product may be, so that no sum leaves 32 bits. */
    public static final int MOST_DEPTH = 1 << 16;

    private final String name;
    private final NativeLibrary.Kernel pack;
    private final NativeLibrary.Kernel gemm;
    private final MemorySegment sums;

    ByteKernels(NativeLibrary library, String name) {
        this.name = name;
        pack = library.kernel("pack_s8", name);
        gemm = library.kernel("gemm_s8", name);
        sums = library.address("bert4j_call_sums_s8");
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
    public void pack(MemorySegment x, long xAt, int depth, int lanes, MemorySegment packed, long packedAt,
            MemorySegment scales, long scalesAt) {
        require(x, xAt, 4L * depth * lanes);
        require(packed, packedAt, packedBytes(depth, lanes));
        require(scales, scalesAt, 4L * lanes);
        call(pack.function(), pack.address(), x, xAt, packed, packedAt, scales, scalesAt, NULL, 0, 0, depth, lanes, 0,
                0, 0);
    }

    /**
     * The product of weights and a panel that {@link #pack} has packed.
     *
     * @throws InternalError if w is a mapped file that cannot be read; y is half done then
     */
    public void gemm(MemorySegment w, long wAt, long step, int rows, int depth, MemorySegment wScales, long wScalesAt,
            MemorySegment sumsOfRows, long sumsAt, MemorySegment packed, long packedAt, MemorySegment xScales,
            long xScalesAt, int lanes, int used, MemorySegment y, long yAt) {
        require(w, wAt, rows(rows, step, depth));
        require(wScales, wScalesAt, 4L * rows);
        require(sumsOfRows, sumsAt, 4L * rows);
        require(packed, packedAt, packedBytes(depth, lanes));
        require(xScales, xScalesAt, 4L * lanes);
        require(y, yAt, 4L * rows * lanes);
        call(gemm.function(), gemm.address(), w, wAt, wScales, wScalesAt, sumsOfRows, sumsAt, packed, packedAt,
                xScales, xScalesAt, y, yAt, step, rows, depth, lanes, used, 0, 0, 0, 0);
    }

    /** The sums of rows of weights. */
    public MemorySegment sums(MemorySegment w, long step, int rows, int depth) {
        MemorySegment values = MemorySegment.ofArray(new int[rows]);
        require(w, 0, rows(rows, step, depth));
        call(sums, 0, w, 0, values, 0, NULL, 0, NULL, 0, step, rows, depth, 0, 0, 0);
        return values;
    }
}
