package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.Floats.STORED;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The micro-kernels for one vector of a panel, a text of a few tokens or the rest of a longer one; {@link GemmPair}
 * explains their form. Six rows are for processors that may have 16 vector registers; where there are surely 32, {@link
 * GemmEight} takes more.
 */
final class GemmSingle implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
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
        for (int tile = 0; tile < tiles; tile++) {
            tile6(w, at + tile * rowStep, tiles * rowStep, depth, x, xAt, y, yAt + tile * STEP, tiles * STEP);
        }
        for (int row = TILE * tiles; row < rows; row++) {
            tile1(w, at + row * rowStep, depth, x, xAt, y, yAt + row * STEP);
        }
    }

    private static void tile6(MemorySegment w, long at, long wStep, int depth, float[] x, int xAt, float[] y,
            int yAt, int yStep) {
        w.isMapped();
        long w1 = at + wStep;
        long w2 = at + 2 * wStep;
        long w3 = at + 3 * wStep;
        long w4 = at + 4 * wStep;
        long w5 = at + 5 * wStep;
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + yStep);
        FloatVector a2 = FloatVector.fromArray(S, y, yAt + 2 * yStep);
        FloatVector a3 = FloatVector.fromArray(S, y, yAt + 3 * yStep);
        FloatVector a4 = FloatVector.fromArray(S, y, yAt + 4 * yStep);
        FloatVector a5 = FloatVector.fromArray(S, y, yAt + 5 * yStep);
        for (int k = 0; k < depth; k++) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            a0 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, at + 4L * k))).fma(x0, a0);
            a1 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w1 + 4L * k))).fma(x0, a1);
            a2 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w2 + 4L * k))).fma(x0, a2);
            a3 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w3 + 4L * k))).fma(x0, a3);
            a4 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w4 + 4L * k))).fma(x0, a4);
            a5 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w5 + 4L * k))).fma(x0, a5);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
        VECTOR.cast(a1).intoArray(y, yAt + yStep);
        VECTOR.cast(a2).intoArray(y, yAt + 2 * yStep);
        VECTOR.cast(a3).intoArray(y, yAt + 3 * yStep);
        VECTOR.cast(a4).intoArray(y, yAt + 4 * yStep);
        VECTOR.cast(a5).intoArray(y, yAt + 5 * yStep);
    }

    private static void tile1(MemorySegment w, long at, int depth, float[] x, int xAt, float[] y, int yAt) {
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        for (int k = 0; k < depth; k++) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            a0 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, at + 4L * k))).fma(x0, a0);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
    }
}
