package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The micro-kernels for one vector of a panel, a text of a few tokens or the rest of a longer one; {@link GemmPair}
 * explains their form. Eight rows would hide more of the latency of the fused multiply-adds, but where rows lie a
 * multiple of four kilobytes apart, they want all the lines of the first-level cache that there are for them.
 */
final class GemmSingle implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    /** Lanes from one feature of the panel to the next, where the constant makes a tenth of the speed. */
    private static final int STEP = Width.step(MethodHandles.lookup());
    private static final int TILE = 6;

    GemmSingle() {
    }

    @Override
    public int tileRows() {
        return TILE;
    }

    @Override
    public void accumulate(MemorySegment w, long at, long rowStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        int tiles = rows / TILE;
        if (tiles > 0) {
            tiles6(w, at, rowStep, tiles, depth, x, xAt, y, yAt);
        }
        for (int row = TILE * tiles; row < rows; row++) {
            tile1(w, at + row * rowStep, depth, x, xAt, y, yAt + row * STEP);
        }
    }

    private static void tiles6(MemorySegment w, long at, long rowStep, int tiles, int depth, float[] x, int xAt,
            float[] y, int yAt) {
        w.isMapped();
        long wStep = tiles * rowStep;
        int yStep = tiles * STEP;
        for (int tile = 0; tile < tiles; tile++) {
            long o = at + tile * rowStep;
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
            for (int k = 0; k < depth; k++) {
                FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
                a0 = FloatVector.broadcast(S, w.get(FLOAT, o + 4L * k)).fma(x0, a0);
                a1 = FloatVector.broadcast(S, w.get(FLOAT, w1 + 4L * k)).fma(x0, a1);
                a2 = FloatVector.broadcast(S, w.get(FLOAT, w2 + 4L * k)).fma(x0, a2);
                a3 = FloatVector.broadcast(S, w.get(FLOAT, w3 + 4L * k)).fma(x0, a3);
                a4 = FloatVector.broadcast(S, w.get(FLOAT, w4 + 4L * k)).fma(x0, a4);
                a5 = FloatVector.broadcast(S, w.get(FLOAT, w5 + 4L * k)).fma(x0, a5);
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
}
