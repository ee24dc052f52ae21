package dev.bert4j.backend.vector;

import java.lang.invoke.MethodHandles;
import java.nio.FloatBuffer;
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
    public void accumulate(FloatBuffer w, int at, int rowStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        int tileRows = tileRows(depth);
        int tiles = rows / tileRows;
        for (int tile = 0; tile < tiles; tile++) {
            if (tileRows == 8) {
                tile8(w, at + tile * rowStep, tiles * rowStep, depth, x, xAt, y, yAt + tile * STEP, tiles * STEP);
            } else {
                tile6(w, at + tile * rowStep, tiles * rowStep, depth, x, xAt, y, yAt + tile * STEP, tiles * STEP);
            }
        }
        int tiled = tiles * tileRows;
        for (int row = tiled; row < rows; row++) {
            tile1(w, at + row * rowStep, depth, x, xAt, y, yAt + row * STEP);
        }
        if ((depth & 1) != 0) {
            last(w, at, rowStep, tiled, depth, x, xAt, y, yAt);
        }
    }

    private static void tile8(FloatBuffer w, int at, int wStep, int depth, float[] x, int xAt, float[] y,
            int yAt, int yStep) {
        int even = depth & -2;
        int w1 = at + wStep;
        int w2 = at + 2 * wStep;
        int w3 = at + 3 * wStep;
        int w4 = at + 4 * wStep;
        int w5 = at + 5 * wStep;
        int w6 = at + 6 * wStep;
        int w7 = at + 7 * wStep;
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + yStep);
        FloatVector a2 = FloatVector.fromArray(S, y, yAt + 2 * yStep);
        FloatVector a3 = FloatVector.fromArray(S, y, yAt + 3 * yStep);
        FloatVector a4 = FloatVector.fromArray(S, y, yAt + 4 * yStep);
        FloatVector a5 = FloatVector.fromArray(S, y, yAt + 5 * yStep);
        FloatVector a6 = FloatVector.fromArray(S, y, yAt + 6 * yStep);
        FloatVector a7 = FloatVector.fromArray(S, y, yAt + 7 * yStep);
        for (int k = 0; k < even; k += 2) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            a0 = FloatVector.broadcast(S, w.get(at + k)).fma(x0, a0);
            a1 = FloatVector.broadcast(S, w.get(w1 + k)).fma(x0, a1);
            a2 = FloatVector.broadcast(S, w.get(w2 + k)).fma(x0, a2);
            a3 = FloatVector.broadcast(S, w.get(w3 + k)).fma(x0, a3);
            a4 = FloatVector.broadcast(S, w.get(w4 + k)).fma(x0, a4);
            a5 = FloatVector.broadcast(S, w.get(w5 + k)).fma(x0, a5);
            a6 = FloatVector.broadcast(S, w.get(w6 + k)).fma(x0, a6);
            a7 = FloatVector.broadcast(S, w.get(w7 + k)).fma(x0, a7);
            FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
            a0 = FloatVector.broadcast(S, w.get(at + k + 1)).fma(x0n, a0);
            a1 = FloatVector.broadcast(S, w.get(w1 + k + 1)).fma(x0n, a1);
            a2 = FloatVector.broadcast(S, w.get(w2 + k + 1)).fma(x0n, a2);
            a3 = FloatVector.broadcast(S, w.get(w3 + k + 1)).fma(x0n, a3);
            a4 = FloatVector.broadcast(S, w.get(w4 + k + 1)).fma(x0n, a4);
            a5 = FloatVector.broadcast(S, w.get(w5 + k + 1)).fma(x0n, a5);
            a6 = FloatVector.broadcast(S, w.get(w6 + k + 1)).fma(x0n, a6);
            a7 = FloatVector.broadcast(S, w.get(w7 + k + 1)).fma(x0n, a7);
        }
        a0.intoArray(y, yAt);
        a1.intoArray(y, yAt + yStep);
        a2.intoArray(y, yAt + 2 * yStep);
        a3.intoArray(y, yAt + 3 * yStep);
        a4.intoArray(y, yAt + 4 * yStep);
        a5.intoArray(y, yAt + 5 * yStep);
        a6.intoArray(y, yAt + 6 * yStep);
        a7.intoArray(y, yAt + 7 * yStep);
    }

    private static void tile6(FloatBuffer w, int at, int wStep, int depth, float[] x, int xAt, float[] y,
            int yAt, int yStep) {
        int even = depth & -2;
        int w1 = at + wStep;
        int w2 = at + 2 * wStep;
        int w3 = at + 3 * wStep;
        int w4 = at + 4 * wStep;
        int w5 = at + 5 * wStep;
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + yStep);
        FloatVector a2 = FloatVector.fromArray(S, y, yAt + 2 * yStep);
        FloatVector a3 = FloatVector.fromArray(S, y, yAt + 3 * yStep);
        FloatVector a4 = FloatVector.fromArray(S, y, yAt + 4 * yStep);
        FloatVector a5 = FloatVector.fromArray(S, y, yAt + 5 * yStep);
        for (int k = 0; k < even; k += 2) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            a0 = FloatVector.broadcast(S, w.get(at + k)).fma(x0, a0);
            a1 = FloatVector.broadcast(S, w.get(w1 + k)).fma(x0, a1);
            a2 = FloatVector.broadcast(S, w.get(w2 + k)).fma(x0, a2);
            a3 = FloatVector.broadcast(S, w.get(w3 + k)).fma(x0, a3);
            a4 = FloatVector.broadcast(S, w.get(w4 + k)).fma(x0, a4);
            a5 = FloatVector.broadcast(S, w.get(w5 + k)).fma(x0, a5);
            FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
            a0 = FloatVector.broadcast(S, w.get(at + k + 1)).fma(x0n, a0);
            a1 = FloatVector.broadcast(S, w.get(w1 + k + 1)).fma(x0n, a1);
            a2 = FloatVector.broadcast(S, w.get(w2 + k + 1)).fma(x0n, a2);
            a3 = FloatVector.broadcast(S, w.get(w3 + k + 1)).fma(x0n, a3);
            a4 = FloatVector.broadcast(S, w.get(w4 + k + 1)).fma(x0n, a4);
            a5 = FloatVector.broadcast(S, w.get(w5 + k + 1)).fma(x0n, a5);
        }
        a0.intoArray(y, yAt);
        a1.intoArray(y, yAt + yStep);
        a2.intoArray(y, yAt + 2 * yStep);
        a3.intoArray(y, yAt + 3 * yStep);
        a4.intoArray(y, yAt + 4 * yStep);
        a5.intoArray(y, yAt + 5 * yStep);
    }

    private static void tile1(FloatBuffer w, int at, int depth, float[] x, int xAt, float[] y, int yAt) {
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        for (int k = 0; k < depth; k++) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            a0 = FloatVector.broadcast(S, w.get(at + k)).fma(x0, a0);
        }
        a0.intoArray(y, yAt);
    }

    /** The last column of an odd number, for the rows of all tiles. */
    private static void last(FloatBuffer w, int at, int rowStep, int rows, int depth, float[] x, int xAt,
            float[] y, int yAt) {
        FloatVector x0 = FloatVector.fromArray(S, x, xAt + (depth - 1) * STEP);
        for (int row = 0; row < rows; row++) {
            FloatVector b = FloatVector.broadcast(S, w.get(at + row * rowStep + depth - 1));
            b.fma(x0, FloatVector.fromArray(S, y, yAt + row * STEP)).intoArray(y, yAt + row * STEP);
        }
    }
}
