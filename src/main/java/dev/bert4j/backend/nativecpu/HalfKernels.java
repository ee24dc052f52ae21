package dev.bert4j.backend.nativecpu;

import static dev.bert4j.backend.nativecpu.Downcalls.call;
import static dev.bert4j.backend.nativecpu.Downcalls.require;
import static dev.bert4j.backend.nativecpu.Downcalls.rows;
import static java.lang.foreign.MemorySegment.NULL;

import java.lang.foreign.MemorySegment;

/** The kernels of bf16 for one kind of instructions. Behind each segment stands how many bytes are passed over. */
public final class HalfKernels {
    private final String name;
    private final NativeLibrary.Kernel pack;
    private final NativeLibrary.Kernel gemm;

    HalfKernels(NativeLibrary library, String name) {
        this.name = name;
        pack = library.kernel("pack_bf16", name);
        gemm = library.kernel("gemm_bf16", name);
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
    public void pack(MemorySegment x, long xAt, int depth, int lanes, MemorySegment packed, long packedAt) {
        require(x, xAt, 4L * depth * lanes);
        require(packed, packedAt, packedBytes(depth, lanes));
        call(pack.function(), pack.address(), x, xAt, packed, packedAt, NULL, 0, NULL, 0, 0, depth, lanes, 0, 0, 0);
    }

    /**
     * The product of weights and a panel that {@link #pack} has packed.
     *
     * @throws InternalError if w is a mapped file that cannot be read; y is half done then
     */
    public void gemm(MemorySegment w, long wAt, long step, int rows, int depth, MemorySegment packed, long packedAt,
            int lanes, int used, MemorySegment y, long yAt) {
        require(w, wAt, rows(rows, step, 2L * depth));
        require(packed, packedAt, packedBytes(depth, lanes));
        require(y, yAt, 4L * rows * lanes);
        call(gemm.function(), gemm.address(), w, wAt, packed, packedAt, y, yAt, NULL, 0, step, rows, depth, lanes,
                used, 0);
    }
}
