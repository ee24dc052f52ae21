package dev.bert4j.backend.vector;

import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.RelativePositions;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;
import java.util.Arrays;

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
    private final CpuParameter table;
    private final int headSize;

    RelativeScores(Kernels kernels, AttentionSpec spec, KeyPanels kv, int lanes) {
        this.kernels = kernels;
        this.spec = spec;
        this.kv = kv;
        this.lanes = lanes;
        this.table = (CpuParameter) spec.relative().table();
        this.headSize = spec.headSize();
    }

    /** Rows of the table for a panel of queries and a block of keys, at most. */
    private int mostRows() {
        return lanes + PanelAttention.KEY_BLOCK;
    }

    /** Values of scratch that {@link #add} needs. */
    int scratchValues() {
        return copyAt() + headSize * lanes;
    }

    /** Where the copy of a panel of keys lies: behind the products and the rows of the table. */
    private int copyAt() {
        return mostRows() * (lanes + headSize);
    }

    /**
     * Adds to scores that are products of queries and keys, not yet scaled.
     *
     * @param key the first key of the block, counted from the start of the text
     * @param queries where the queries of the head in the panel begin in {@code q}, from lane {@code column} on
     * @param vectors how many vectors they have
     * @param firstQuery the query, counted from the start of the text, that lane 0 of the panel would hold
     * @param from the first lane of the panel with a query of the text
     * @param to behind the last
     * @param room begins with the scores, {@code [count][lanes]}, from lane 0 on
     * @param at where there is room behind them
     */
    void add(int text, int head, int key, int count, float[] q, int queries, int vectors, int firstQuery, int from,
            int to, int column, Floats room, int at) {
        float[] scratch = room.values();
        RelativePositions relative = spec.relative();
        int first = spec.relativePosition(text, firstQuery + from);
        int last = spec.relativePosition(text, firstQuery + to - 1);
        int lowest = relative.row(first, key + count - 1);
        product(lowest, last - first + count, q, queries, vectors, room, at, column);
        for (int j = 0; j < count; j++) {
            for (int lane = from; lane < to; lane++) {
                int row = relative.row(spec.relativePosition(text, firstQuery + lane), key + j) - lowest;
                scratch[j * lanes + lane] += scratch[at + row * lanes + lane];
            }
        }
        if (relative.withKeys()) {
            addKeys(text, head, key, count, firstQuery, from, to, room, at);
        }
    }

    /** Here the keys of a panel are the lanes. */
    private void addKeys(int text, int head, int key, int count, int firstQuery, int from, int to, Floats room,
            int at) {
        float[] scratch = room.values();
        RelativePositions relative = spec.relative();
        int first = spec.relativePosition(text, firstQuery + from);
        int last = spec.relativePosition(text, firstQuery + to - 1);
        for (int done = 0; done < count;) {
            int token = kv.first(text) + key + done;
            int lane0 = token % kv.lanes();
            int here = Math.min(Math.min(kv.lanes() - lane0, lanes - lane0 % lanes), count - done);
            int lowest = relative.row(first, key + done + here - 1);
            copyKeys(text, head, token, scratch, at + copyAt());
            product(lowest, last - first + here, scratch, at + copyAt(), lanes / kernels.vectorLanes(), room, at, 0);
            for (int j = 0; j < here; j++) {
                for (int lane = from; lane < to; lane++) {
                    int row = relative.row(spec.relativePosition(text, firstQuery + lane), key + done + j) - lowest;
                    scratch[(done + j) * lanes + lane] += scratch[at + row * lanes + lane0 % lanes + j];
                }
            }
            done += here;
        }
    }

    /** A head of the keys around a token, as many as a panel of queries has, in a panel of their own. */
    private void copyKeys(int text, int head, int token, float[] scratch, int to) {
        int panel = token / kv.lanes();
        float[] keys = kv.keys(text, panel);
        int from = kv.keysAt(panel, head * headSize) + token % kv.lanes() / lanes * lanes;
        for (int d = 0; d < headSize; d++) {
            System.arraycopy(keys, from + d * kv.lanes(), scratch, to + d * lanes, lanes);
        }
    }

    /** Rows of the table times a panel: {@code [rows][lanes]}, in scratch, from lane {@code column} on. */
    private void product(int first, int rows, float[] x, int xAt, int vectors, Floats room, int at, int column) {
        float[] scratch = room.values();
        int tableAt = at + mostRows() * lanes;
        table.copyTo((long) first * headSize, room.segment(), tableAt, (long) rows * headSize);
        Arrays.fill(scratch, at, at + rows * lanes, 0);
        kernels.panelGemm().of(vectors, lanes).accumulateRows(scratch, tableAt, headSize, rows, headSize, x, xAt,
                scratch, at + column);
    }
}
