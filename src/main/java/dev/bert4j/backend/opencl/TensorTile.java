package dev.bert4j.backend.opencl;

import java.util.List;

/**
 * How the matrix product of tensor cores is cut. The order of the sums is the same for all tiles of a precision.
 *
 * @param emulated whether the instruction of the tensor cores is written out in OpenCL C, which is for tests
 * @param bm tokens of a work-group
 * @param bn outputs of a work-group
 * @param wm tokens of a warp
 * @param wn outputs of a warp
 */
record TensorTile(Precision precision, boolean emulated, int bm, int bn, int wm, int wn) implements ProductTile {
    private static final int WARP = 32;
    /** In the emulation each work-item shows its warp six words. */
    private static final int FRAGMENT_BYTES = 24;

    /** All tiles of a precision, the largest first: each value that they load is used most often. None for fp32. */
    static List<TensorTile> all(Precision precision, boolean emulated) {
        return precision == Precision.FP32 ? List.of() : List.of(new TensorTile(precision, emulated, 128, 128, 64, 32),
                new TensorTile(precision, emulated, 64, 64, 32, 32),
                new TensorTile(precision, emulated, 32, 32, 16, 16));
    }

    /** The largest that leaves no compute unit without a group, or else the smallest. */
    static TensorTile choose(List<TensorTile> tiles, int tokens, int outputs, int computeUnits) {
        return tiles.stream().filter(tile -> tile.groups(tokens, outputs) >= computeUnits).findFirst()
                .orElse(tiles.getLast());
    }

    private long groups(int tokens, int outputs) {
        return (long) Math.ceilDiv(tokens, bm) * Math.ceilDiv(outputs, bn);
    }

    @Override
    public String file() {
        return KernelSources.TENSOR;
    }

    @Override
    public String kernel() {
        return "tensor_gemm";
    }

    @Override
    public String macros() {
        return precision.macros() + (emulated ? " -DEMULATE_MMA" : "") + " -DBM=" + bm + " -DBN=" + bn + " -DWM=" + wm
                + " -DWN=" + wn;
    }

    @Override
    public int itemsM() {
        return 1;
    }

    @Override
    public int itemsN() {
        return bm / wm * (bn / wn) * WARP;
    }

    @Override
    public long localBytes() {
        return 2L * Integer.BYTES * precision.localWords() * (bm + bn)
                + (emulated ? FRAGMENT_BYTES * (long) itemsN() : 0);
    }

    @Override
    public String toString() {
        return precision + " " + bm + "x" + bn + " by " + wm + "x" + wn;
    }
}
