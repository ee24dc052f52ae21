package dev.bert4j.backend.vector;

import java.util.Arrays;

/**
 * The rows of a weight in parts for several threads: as many rows for each of them, up to a tile, so that all end at
 * the same time, and a thread's later parts no larger than its first, so that who is done can help whom another program
 * held up. Parts are whole tiles, the last of a weight aside.
 *
 * <p>The rows of a tile lie a number of tiles apart, as many as the part has. Where that is a multiple of four
 * kilobytes, all of them want the same lines of the first-level cache. So parts get an odd number of tiles. Where a row
 * is such a multiple, nothing helps; where tiles of several sizes meet, it may help none of them.
 */
final class RowParts {
    /** Bytes so far apart go to the same lines of the first-level cache. */
    private static final int SAME_LINE = 4096;

    private int count;
    /** Where each part begins, and where the last one ends. */
    private int[] starts = new int[16];

    /**
     * Shares rows out.
     *
     * @param tile rows of a tile
     * @param rowBytes bytes of a row
     * @param threads how many threads share these rows; parts are in the order in which they take turns
     * @param least how many parts each of them should have at least, if there are tiles enough
     * @param most rows that a part should have at the most, if these are a tile or more
     */
    void share(int rows, int tile, int rowBytes, int threads, int least, int most) {
        count = 0;
        starts[0] = 0;
        int tiles = Math.ceilDiv(rows, tile);
        int each = tiles / threads;
        boolean odd = rowBytes % SAME_LINE != 0;
        int mostTiles = Math.max(most / tile, 1);
        int longest = odd ? mostTiles - 1 | 1 : mostTiles;
        int parts = Math.min(Math.max(least, Math.ceilDiv(each, longest)), each);
        // Tiles are handed out in units of two beyond the first of a part, where their number is to be odd.
        int unit = odd ? 2 : 1;
        int units = parts == 0 ? 0 : (each - parts) / unit;
        for (int i = 0; i < parts; i++) {
            int size = 1 + unit * (units / parts + (i < units % parts ? 1 : 0));
            for (int thread = 0; thread < threads; thread++) {
                add(Math.min(starts[count] + size * tile, rows));
            }
        }
        while (starts[count] < rows) {
            add(Math.min(starts[count] + tile, rows));
        }
    }

    private void add(int end) {
        count++;
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
        }
        starts[count] = end;
    }

    int count() {
        return count;
    }

    /** The first row of a part. */
    int start(int part) {
        return starts[part];
    }

    /** How many rows it has. */
    int rows(int part) {
        return starts[part + 1] - starts[part];
    }
}
