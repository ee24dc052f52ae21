package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The micro-kernels for panels of one vector, a text of a few tokens. {@link GemmPair} explains their form. */
final class GemmSingle implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final int V = S.length();

    GemmSingle() {
    }

    @Override
    public int tileRows() {
        return 6;
    }

    @Override
    public void accumulate(MemorySegment w, long at, long rowBytes, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt, int step) {
        int tiles = rows / 6;
        for (int tile = 0; tile < tiles; tile++) {
            tile6(w, at + tile * rowBytes, tiles * rowBytes, depth, x, xAt, step, y, yAt + tile * step, tiles * step);
        }
        for (int row = 6 * tiles; row < rows; row++) {
            tile1(w, at + row * rowBytes, depth, x, xAt, step, y, yAt + row * step);
        }
        if ((depth & 1) != 0) {
            last(w, at, rowBytes, tiles * 6, depth, x, xAt, y, yAt, step);
        }
    }

    private static void tile6(MemorySegment w, long at, long rowBytes, int depth, float[] x, int xAt, int step,
            float[] y, int yAt, int yStep) {
        int even = depth & -2;
        MemorySegment w0 = w.asSlice(at, depth * 4L);
        MemorySegment w1 = w.asSlice(at + rowBytes, depth * 4L);
        MemorySegment w2 = w.asSlice(at + 2 * rowBytes, depth * 4L);
        MemorySegment w3 = w.asSlice(at + 3 * rowBytes, depth * 4L);
        MemorySegment w4 = w.asSlice(at + 4 * rowBytes, depth * 4L);
        MemorySegment w5 = w.asSlice(at + 5 * rowBytes, depth * 4L);
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + yStep);
        FloatVector a2 = FloatVector.fromArray(S, y, yAt + 2 * yStep);
        FloatVector a3 = FloatVector.fromArray(S, y, yAt + 3 * yStep);
        FloatVector a4 = FloatVector.fromArray(S, y, yAt + 4 * yStep);
        FloatVector a5 = FloatVector.fromArray(S, y, yAt + 5 * yStep);
        for (int k = 0; k < even; k += 2) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * step);
            a0 = FloatVector.broadcast(S, w0.get(FLOAT, 4L * k)).fma(x0, a0);
            a1 = FloatVector.broadcast(S, w1.get(FLOAT, 4L * k)).fma(x0, a1);
            a2 = FloatVector.broadcast(S, w2.get(FLOAT, 4L * k)).fma(x0, a2);
            a3 = FloatVector.broadcast(S, w3.get(FLOAT, 4L * k)).fma(x0, a3);
            a4 = FloatVector.broadcast(S, w4.get(FLOAT, 4L * k)).fma(x0, a4);
            a5 = FloatVector.broadcast(S, w5.get(FLOAT, 4L * k)).fma(x0, a5);
            FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * step);
            a0 = FloatVector.broadcast(S, w0.get(FLOAT, 4L * k + 4)).fma(x0n, a0);
            a1 = FloatVector.broadcast(S, w1.get(FLOAT, 4L * k + 4)).fma(x0n, a1);
            a2 = FloatVector.broadcast(S, w2.get(FLOAT, 4L * k + 4)).fma(x0n, a2);
            a3 = FloatVector.broadcast(S, w3.get(FLOAT, 4L * k + 4)).fma(x0n, a3);
            a4 = FloatVector.broadcast(S, w4.get(FLOAT, 4L * k + 4)).fma(x0n, a4);
            a5 = FloatVector.broadcast(S, w5.get(FLOAT, 4L * k + 4)).fma(x0n, a5);
        }
        a0.intoArray(y, yAt);
        a1.intoArray(y, yAt + yStep);
        a2.intoArray(y, yAt + 2 * yStep);
        a3.intoArray(y, yAt + 3 * yStep);
        a4.intoArray(y, yAt + 4 * yStep);
        a5.intoArray(y, yAt + 5 * yStep);
    }

    private static void tile1(MemorySegment w, long at, int depth, float[] x, int xAt, int step, float[] y, int yAt) {
        MemorySegment row = w.asSlice(at, depth * 4L);
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        for (int k = 0; k < depth; k++) {
            FloatVector b = FloatVector.broadcast(S, row.get(FLOAT, 4L * k));
            a0 = b.fma(FloatVector.fromArray(S, x, xAt + k * step), a0);
        }
        a0.intoArray(y, yAt);
    }

    /** The last column of an odd number, for the rows of all tiles. */
    private static void last(MemorySegment w, long at, long rowBytes, int rows, int depth, float[] x, int xAt,
            float[] y, int yAt, int step) {
        int xo = xAt + (depth - 1) * step;
        for (int row = 0; row < rows; row++) {
            FloatVector b = FloatVector.broadcast(S, w.get(FLOAT, at + row * rowBytes + 4L * (depth - 1)));
            b.fma(FloatVector.fromArray(S, x, xo), FloatVector.fromArray(S, y, yAt + row * step))
                    .intoArray(y, yAt + row * step);
        }
    }
}
