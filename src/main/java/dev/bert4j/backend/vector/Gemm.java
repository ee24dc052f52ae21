package dev.bert4j.backend.vector;

import java.lang.foreign.MemorySegment;

/** The matrix product over a token panel, at one vector width and for one number of vectors in the panel. */
interface Gemm {

    /**
     * Adds {@code w · x} to rows of a token panel: {@code y[n][lane] += Σ_k w[n][k] · x[k][lane]}, every lane one chain
     * of fused multiply-adds with k ascending.
     *
     * <p>The steps let w be a weight as it lies in its file ({@code rowStep} = bytes of a row, {@code depthStep} = 4),
     * the keys of a panel ({@code rowStep} = 4, {@code depthStep} = {@code laneBytes}), or its values (the reverse).
     *
     * @param w fp32 of any alignment; element [n][k] lies at byte {@code n * rowStep + k * depthStep}
     * @param rows features of y
     * @param depth features of x, at least 1
     * @param x the input, {@code [depth][laneBytes / 4]}
     * @param y the output, {@code [rows][laneBytes / 4]}
     * @param laneBytes bytes from one feature of a panel to the next
     */
    void accumulate(MemorySegment w, long rowStep, long depthStep, int rows, int depth, MemorySegment x,
            MemorySegment y, long laneBytes);

    /**
     * How far apart the rows of a tile lie. A tile reads its rows side by side, each a stream of a few kilobytes, and
     * the hardware has hardly recognised such streams when they end. Where the rows are long in memory, the first tile
     * takes rows 0, n, 2n … of the block and the next rows 1, n + 1, …: every stream then goes on where it stopped, and
     * weights come from memory almost as fast as from the cache. Neighbouring keys of a panel share cache lines and
     * stay together.
     */
    static int apart(int tiles, long depthStep) {
        return depthStep == Float.BYTES ? tiles : 1;
    }

    /** The first row of a tile of {@code tileRows} rows that lie that far apart. */
    static long firstRow(int tile, int tileRows, int apart) {
        return apart == 1 ? (long) tile * tileRows : tile;
    }
}
