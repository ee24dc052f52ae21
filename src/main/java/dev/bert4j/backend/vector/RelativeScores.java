package dev.bert4j.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.RelativePositions;
import dev.bert4j.backend.cpu.CpuParameter;
import java.lang.foreign.MemorySegment;

/**
 * What relative positions add to the scores of a block of keys.
 *
 * <p>The rows of the table that the queries of a panel and the keys of a block can need lie next to each other. Their
 * product with the queries, and with the keys where these take part, is the matrix product of the linear layers; every
 * score then picks its own element, which lies on a diagonal.
 */
final class RelativeScores {
    private final Kernels kernels;
    private final AttentionSpec spec;
    private final KeyPanels kv;
    private final int lanes;
    private final long laneBytes;
    private final CpuParameter table;
    private final int headSize;

    RelativeScores(Kernels kernels, AttentionSpec spec, KeyPanels kv, int lanes) {
        this.kernels = kernels;
        this.spec = spec;
        this.kv = kv;
        this.lanes = lanes;
        this.laneBytes = (long) lanes * Float.BYTES;
        this.table = (CpuParameter) spec.relative().table();
        this.headSize = spec.headSize();
    }

    /** Rows of the table for a panel of queries and a block of keys, at most. */
    private int mostRows() {
        return lanes + PanelAttention.KEY_BLOCK;
    }

    /** Bytes of scratch that {@link #add} needs. */
    long scratchBytes() {
        return copyAt() + headSize * laneBytes;
    }

    /** Where the copy of a panel of keys lies in scratch: behind the products and the rows of the table. */
    private long copyAt() {
        return mostRows() * (laneBytes + (table.hasFloats() ? 0 : (long) headSize * Float.BYTES));
    }

    /**
     * Adds to scores that are products of queries and keys, not yet scaled.
     *
     * @param key the first key of the block, counted from the start of the text
     * @param queries the queries of the head in the panel from a vector on, {@code column} bytes into the panel
     * @param scores {@code [count][lanes]}, from the same vector on
     * @param vectors how many vectors both have
     * @param firstQuery the query, counted from the start of the text, that lane 0 of the panel would hold
     * @param from the first lane of the panel with a query of the text
     * @param to behind the last
     */
    void add(int text, int head, int key, int count, MemorySegment queries, MemorySegment scores, int vectors,
            int firstQuery, int from, int to, long column, MemorySegment scratch) {
        RelativePositions relative = spec.relative();
        int first = spec.relativePosition(text, firstQuery + from);
        int last = spec.relativePosition(text, firstQuery + to - 1);
        int lowest = relative.row(first, key + count - 1);
        MemorySegment products = product(lowest, last - first + count, queries, vectors, scratch);
        for (int j = 0; j < count; j++) {
            for (int lane = from; lane < to; lane++) {
                int row = relative.row(spec.relativePosition(text, firstQuery + lane), key + j) - lowest;
                add(scores, j, lane, column, products.get(JAVA_FLOAT,
                        row * laneBytes + (long) lane * Float.BYTES - column));
            }
        }
        if (relative.withKeys()) {
            addKeys(text, head, key, count, scores, firstQuery, from, to, column, scratch);
        }
    }

    /** Here the keys of a panel are the lanes. */
    private void addKeys(int text, int head, int key, int count, MemorySegment scores, int firstQuery, int from,
            int to, long column, MemorySegment scratch) {
        RelativePositions relative = spec.relative();
        int first = spec.relativePosition(text, firstQuery + from);
        int last = spec.relativePosition(text, firstQuery + to - 1);
        for (int done = 0; done < count;) {
            int token = kv.first(text) + key + done;
            int lane0 = token % kv.lanes();
            int here = Math.min(Math.min(kv.lanes() - lane0, lanes - lane0 % lanes), count - done);
            int lowest = relative.row(first, key + done + here - 1);
            MemorySegment products = product(lowest, last - first + here, keys(text, head, token, scratch),
                    lanes / kernels.vectorLanes(), scratch);
            for (int j = 0; j < here; j++) {
                for (int lane = from; lane < to; lane++) {
                    int row = relative.row(spec.relativePosition(text, firstQuery + lane), key + done + j) - lowest;
                    add(scores, done + j, lane, column,
                            products.get(JAVA_FLOAT, row * laneBytes + (long) (lane0 % lanes + j) * Float.BYTES));
                }
            }
            done += here;
        }
    }

    /** A head of the panel of keys that holds a token; keys of other panels than those of a call are copied to one. */
    private MemorySegment keys(int text, int head, int token, MemorySegment scratch) {
        MemorySegment panel = kv.keys(text, token / kv.lanes(), head * headSize, headSize);
        if (panel.isNative()) {
            return panel;
        }
        MemorySegment copy = scratch.asSlice(copyAt(), headSize * laneBytes);
        long column = (long) (token % kv.lanes() / lanes) * laneBytes;
        for (int d = 0; d < headSize; d++) {
            MemorySegment.copy(panel, (long) d * kv.lanes() * Float.BYTES + column, copy, d * laneBytes, laneBytes);
        }
        return copy;
    }

    private void add(MemorySegment scores, int key, int lane, long column, float value) {
        long at = key * laneBytes + (long) lane * Float.BYTES - column;
        scores.set(JAVA_FLOAT, at, scores.get(JAVA_FLOAT, at) + value);
    }

    /** Rows of the table times a panel: {@code [rows][lanes]}, in scratch. */
    private MemorySegment product(int first, int rows, MemorySegment x, int vectors, MemorySegment scratch) {
        long rowBytes = (long) headSize * Float.BYTES;
        MemorySegment w;
        if (table.hasFloats()) {
            w = table.floats().asSlice(first * rowBytes, rows * rowBytes);
        } else {
            w = scratch.asSlice(mostRows() * laneBytes, rows * rowBytes);
            table.copyTo((long) first * headSize, w, (long) rows * headSize);
        }
        MemorySegment y = scratch.asSlice(0, rows * laneBytes);
        y.fill((byte) 0);
        Kernels.Product product = w.isMapped() ? kernels.mapped() : kernels.memory();
        product.gemm(vectors).accumulate(w, rowBytes, Float.BYTES, rows, headSize, x, y, laneBytes);
        return y;
    }
}
