package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The micro-kernels for one vector of a panel, a text of a few tokens or the rest of a longer one. {@link GemmPair}
 * explains their form.
 *
 * <p>Eight rows hide the latency of the fused multiply-adds, and read weights from memory faster than six. But where
 * all rows lie a multiple of four kilobytes apart, eight of them take all the lines of the first-level cache that they
 * can be in, and nothing is left for the panel.
 */
final class GemmSingle implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    /** Lanes from one feature of the panel to the next, where the constant makes a tenth of the speed. */
    private static final int STEP = Width.step(MethodHandles.lookup());

    GemmSingle() {
    }

    @Override
    public int tileRows(int depth) {
        return depth % 1024 == 0 ? 6 : 8;
    }

    @Override
    public void accumulate(MemorySegment w, long at, long rowStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        int tileRows = tileRows(depth);
        int tiles = rows / tileRows;
        if (tiles > 0 && tileRows == 8) {
            tiles8(w, at, rowStep, tiles, depth, x, xAt, y, yAt);
        } else if (tiles > 0) {
            tiles6(w, at, rowStep, tiles, depth, x, xAt, y, yAt);
        }
        int tiled = tiles * tileRows;
        for (int row = tiled; row < rows; row++) {
            tile1(w, at + row * rowStep, depth, x, xAt, y, yAt + row * STEP);
        }
        if ((depth & 1) != 0) {
            last(w, at, rowStep, tiled, depth, x, xAt, y, yAt);
        }
    }

    private static void tiles8(MemorySegment w, long at, long rowStep, int tiles, int depth, float[] x, int xAt,
            float[] y, int yAt) {
        MemorySegment block = w.asSlice(at, (8 * tiles - 1) * rowStep + 4L * depth);
        long wStep = tiles * rowStep;
        int yStep = tiles * STEP;
        int even = depth & -2;
        for (int tile = 0; tile < tiles; tile++) {
            long o = tile * rowStep;
            int to = yAt + tile * STEP;
            long w1 = o + wStep;
            long w2 = o + 2 * wStep;
            long w3 = o + 3 * wStep;
            long w4 = o + 4 * wStep;
            long w5 = o + 5 * wStep;
            long w6 = o + 6 * wStep;
            long w7 = o + 7 * wStep;
            FloatVector a0 = FloatVector.fromArray(S, y, to);
            FloatVector a1 = FloatVector.fromArray(S, y, to + yStep);
            FloatVector a2 = FloatVector.fromArray(S, y, to + 2 * yStep);
            FloatVector a3 = FloatVector.fromArray(S, y, to + 3 * yStep);
            FloatVector a4 = FloatVector.fromArray(S, y, to + 4 * yStep);
            FloatVector a5 = FloatVector.fromArray(S, y, to + 5 * yStep);
            FloatVector a6 = FloatVector.fromArray(S, y, to + 6 * yStep);
            FloatVector a7 = FloatVector.fromArray(S, y, to + 7 * yStep);
            for (int k = 0; k < even; k += 2) {
                FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
                a0 = FloatVector.broadcast(S, block.get(FLOAT, o + 4L * k)).fma(x0, a0);
                a1 = FloatVector.broadcast(S, block.get(FLOAT, w1 + 4L * k)).fma(x0, a1);
                a2 = FloatVector.broadcast(S, block.get(FLOAT, w2 + 4L * k)).fma(x0, a2);
                a3 = FloatVector.broadcast(S, block.get(FLOAT, w3 + 4L * k)).fma(x0, a3);
                a4 = FloatVector.broadcast(S, block.get(FLOAT, w4 + 4L * k)).fma(x0, a4);
                a5 = FloatVector.broadcast(S, block.get(FLOAT, w5 + 4L * k)).fma(x0, a5);
                a6 = FloatVector.broadcast(S, block.get(FLOAT, w6 + 4L * k)).fma(x0, a6);
                a7 = FloatVector.broadcast(S, block.get(FLOAT, w7 + 4L * k)).fma(x0, a7);
                FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
                a0 = FloatVector.broadcast(S, block.get(FLOAT, o + 4L * k + 4)).fma(x0n, a0);
                a1 = FloatVector.broadcast(S, block.get(FLOAT, w1 + 4L * k + 4)).fma(x0n, a1);
                a2 = FloatVector.broadcast(S, block.get(FLOAT, w2 + 4L * k + 4)).fma(x0n, a2);
                a3 = FloatVector.broadcast(S, block.get(FLOAT, w3 + 4L * k + 4)).fma(x0n, a3);
                a4 = FloatVector.broadcast(S, block.get(FLOAT, w4 + 4L * k + 4)).fma(x0n, a4);
                a5 = FloatVector.broadcast(S, block.get(FLOAT, w5 + 4L * k + 4)).fma(x0n, a5);
                a6 = FloatVector.broadcast(S, block.get(FLOAT, w6 + 4L * k + 4)).fma(x0n, a6);
                a7 = FloatVector.broadcast(S, block.get(FLOAT, w7 + 4L * k + 4)).fma(x0n, a7);
            }
            a0.intoArray(y, to);
            a1.intoArray(y, to + yStep);
            a2.intoArray(y, to + 2 * yStep);
            a3.intoArray(y, to + 3 * yStep);
            a4.intoArray(y, to + 4 * yStep);
            a5.intoArray(y, to + 5 * yStep);
            a6.intoArray(y, to + 6 * yStep);
            a7.intoArray(y, to + 7 * yStep);
        }
    }

    private static void tiles6(MemorySegment w, long at, long rowStep, int tiles, int depth, float[] x, int xAt,
            float[] y, int yAt) {
        MemorySegment block = w.asSlice(at, (6 * tiles - 1) * rowStep + 4L * depth);
        long wStep = tiles * rowStep;
        int yStep = tiles * STEP;
        int even = depth & -2;
        for (int tile = 0; tile < tiles; tile++) {
            long o = tile * rowStep;
            int to = yAt + tile * STEP;
            long w1 = o + wStep;
            long w2 = o + 2 * wStep;
            long w3 = o + 3 * wStep;
            long w4 = o + 4 * wStep;
            long w5 = o + 5 * wStep;
            FloatVector a0 = FloatVector.fromArray(S, y, to);
            FloatVector a1 = FloatVector.fromArray(S, y, to + yStep);
            FloatVector a2 = FloatVector.fromArray(S, y, to + 2 * yStep);
            FloatVector a3 = FloatVector.fromArray(S, y, to + 3 * yStep);
            FloatVector a4 = FloatVector.fromArray(S, y, to + 4 * yStep);
            FloatVector a5 = FloatVector.fromArray(S, y, to + 5 * yStep);
            for (int k = 0; k < even; k += 2) {
                FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
                a0 = FloatVector.broadcast(S, block.get(FLOAT, o + 4L * k)).fma(x0, a0);
                a1 = FloatVector.broadcast(S, block.get(FLOAT, w1 + 4L * k)).fma(x0, a1);
                a2 = FloatVector.broadcast(S, block.get(FLOAT, w2 + 4L * k)).fma(x0, a2);
                a3 = FloatVector.broadcast(S, block.get(FLOAT, w3 + 4L * k)).fma(x0, a3);
                a4 = FloatVector.broadcast(S, block.get(FLOAT, w4 + 4L * k)).fma(x0, a4);
                a5 = FloatVector.broadcast(S, block.get(FLOAT, w5 + 4L * k)).fma(x0, a5);
                FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
                a0 = FloatVector.broadcast(S, block.get(FLOAT, o + 4L * k + 4)).fma(x0n, a0);
                a1 = FloatVector.broadcast(S, block.get(FLOAT, w1 + 4L * k + 4)).fma(x0n, a1);
                a2 = FloatVector.broadcast(S, block.get(FLOAT, w2 + 4L * k + 4)).fma(x0n, a2);
                a3 = FloatVector.broadcast(S, block.get(FLOAT, w3 + 4L * k + 4)).fma(x0n, a3);
                a4 = FloatVector.broadcast(S, block.get(FLOAT, w4 + 4L * k + 4)).fma(x0n, a4);
                a5 = FloatVector.broadcast(S, block.get(FLOAT, w5 + 4L * k + 4)).fma(x0n, a5);
            }
            a0.intoArray(y, to);
            a1.intoArray(y, to + yStep);
            a2.intoArray(y, to + 2 * yStep);
            a3.intoArray(y, to + 3 * yStep);
            a4.intoArray(y, to + 4 * yStep);
            a5.intoArray(y, to + 5 * yStep);
        }
    }

    private static void tile1(MemorySegment w, long at, int depth, float[] x, int xAt, float[] y, int yAt) {
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        for (int k = 0; k < depth; k++) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            a0 = FloatVector.broadcast(S, w.get(FLOAT, at + 4L * k)).fma(x0, a0);
        }
        a0.intoArray(y, yAt);
    }

    /** The last column of an odd number, for the rows of all tiles. */
    private static void last(MemorySegment w, long at, long rowStep, int rows, int depth, float[] x, int xAt,
            float[] y, int yAt) {
        FloatVector x0 = FloatVector.fromArray(S, x, xAt + (depth - 1) * STEP);
        for (int row = 0; row < rows; row++) {
            FloatVector b = FloatVector.broadcast(S, w.get(FLOAT, at + row * rowStep + 4L * depth - 4));
            b.fma(x0, FloatVector.fromArray(S, y, yAt + row * STEP)).intoArray(y, yAt + row * STEP);
        }
    }
}
