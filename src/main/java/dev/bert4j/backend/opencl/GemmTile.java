package dev.bert4j.backend.opencl;

import java.util.List;

/**
 * How the matrix product is cut.
 *
 * @param bm tokens of a work-group
 * @param bn outputs of a work-group
 * @param bk depth that is in local memory at a time
 * @param tm tokens of a work-item
 * @param tn outputs of a work-item
 */
record GemmTile(int bm, int bn, int bk, int tm, int tn) implements ProductTile {
    /** For few tokens: many small groups keep the device busy. */
    static final List<GemmTile> SMALL = List.of(new GemmTile(32, 32, 16, 4, 4), new GemmTile(32, 32, 32, 4, 4),
            new GemmTile(32, 64, 16, 4, 4), new GemmTile(16, 32, 32, 4, 4), new GemmTile(16, 64, 16, 4, 4));
    /** For many: each value that is loaded is used often. */
    static final List<GemmTile> LARGE = List.of(new GemmTile(64, 64, 16, 4, 4), new GemmTile(64, 64, 16, 8, 4),
            new GemmTile(64, 64, 16, 8, 8), new GemmTile(128, 64, 16, 8, 4), new GemmTile(128, 64, 8, 8, 8),
            new GemmTile(128, 128, 8, 8, 8), new GemmTile(128, 128, 16, 8, 8), new GemmTile(32, 32, 16, 4, 4));

    @Override
    public String file() {
        return KernelSources.GEMM;
    }

    @Override
    public String kernel() {
        return "gemm";
    }

    @Override
    public int itemsM() {
        return bm / tm;
    }

    @Override
    public int itemsN() {
        return bn / tn;
    }

    @Override
    public long localBytes() {
        return 4L * bk * (bm + 4 + bn + 4);
    }

    @Override
    public String macros() {
        return " -DBM=" + bm + " -DBN=" + bn + " -DBK=" + bk + " -DTM=" + tm + " -DTN=" + tn;
    }

    @Override
    public String toString() {
        return bm + "x" + bn + "x" + bk + " by " + tm + "x" + tn;
    }
}
