package dev.bert4j.backend.nativecpu;

import static dev.bert4j.backend.nativecpu.Downcalls.call;
import static dev.bert4j.backend.nativecpu.Downcalls.require;
import static dev.bert4j.backend.nativecpu.Downcalls.rows;
import static java.lang.foreign.MemorySegment.NULL;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The kernels of int8 for one kind of instructions. Behind each segment stands how many bytes are passed over. */
public final class ByteKernels {
    /** How deep a product may be, so that no sum leaves 32 bits. */
    public static final int MOST_DEPTH = 1 << 16;

    /** Bytes of what a product has to know of a row: what {@link #known} gives begins with so many for each. */
    public static final long ROW_BYTES = 8;
    private static final long LISTED_BYTES = 12;

    private final String name;
    private final NativeLibrary.Kernel pack;
    private final NativeLibrary.Kernel gemm;
    private final NativeLibrary.Kernel rows;

    ByteKernels(NativeLibrary library, String name) {
        this.name = name;
        pack = library.kernel("pack_s8", name);
        gemm = library.kernel("gemm_s8", name);
        rows = library.kernel("rows_s8", name.equals("avx2") ? name : "portable");
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
     * @param known what {@link #known} gives for the whole matrix
     * @param knownAt where its record of the first row begins
     * @throws InternalError if w is a mapped file that cannot be read; y is half done then
     */
    public void gemm(MemorySegment w, long wAt, long step, int rows, int depth, MemorySegment wScales, long wScalesAt,
            MemorySegment known, long knownAt, MemorySegment packed, long packedAt, MemorySegment xScales,
            long xScalesAt, int lanes, int used, MemorySegment y, long yAt) {
        require(w, wAt, rows(rows, step, depth));
        require(wScales, wScalesAt, 4L * rows);
        require(known, knownAt, ROW_BYTES * (rows + 1L));
        require(packed, packedAt, packedBytes(depth, lanes));
        require(xScales, xScalesAt, 4L * lanes);
        require(y, yAt, 4L * rows * lanes);
        call(gemm.function(), gemm.address(), w, wAt, wScales, wScalesAt, known, knownAt, packed, packedAt,
                xScales, xScalesAt, y, yAt, step, rows, depth, lanes, used, 0, 0, 0, 0);
    }

    /**
     * What products have to know of the rows of a matrix, found once: their sums, and where the instructions add two
     * products in sixteen bits, which groups of weights may not fit them. That takes 12 bytes for each such group of
     * four, of which there are a few in a hundred as a rule.
     *
     * @throws InternalError if w is a mapped file that cannot be read, or that somebody writes meanwhile
     */
    public MemorySegment known(MemorySegment w, long step, int rows, int depth) {
        MemorySegment counted = known(w, step, rows, depth, 0);
        int listed = listed(counted, rows);
        if (listed == 0) {
            return counted;
        }
        MemorySegment known = known(w, step, rows, depth, listed);
        if (listed(known, rows) != listed) {
            throw new InternalError("weights changed while they were read");
        }
        return known;
    }

    private MemorySegment known(MemorySegment w, long step, int rows, int depth, int room) {
        long bytes = ROW_BYTES * (rows + 1L) + LISTED_BYTES * room;
        MemorySegment known = MemorySegment.ofArray(new int[Math.toIntExact(bytes / Integer.BYTES)]);
        require(w, 0, rows(rows, step, depth));
        call(this.rows.function(), this.rows.address(), w, 0, known, 0, NULL, 0, NULL, 0,
                step, rows, depth, room, 0, 0);
        return known;
    }

    /** How long the lists are together: as far as the last record says that they end behind it. */
    private static int listed(MemorySegment known, int rows) {
        int end = known.get(ValueLayout.JAVA_INT, ROW_BYTES * rows + Integer.BYTES);
        return (int) ((end * (long) Integer.BYTES - ROW_BYTES) / LISTED_BYTES);
    }
}
