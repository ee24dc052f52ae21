package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.Floats.STORED;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The same as {@link GemmSingle} with eight rows side by side, which hide the whole latency of the fused multiply-adds
 * where two begin in each cycle: for {@linkplain VectorKernels#MANY_REGISTERS many registers}. With 16 they are slower
 * than six.
 *
 * <p>A class of its own, for kernels share no code: each has the species as a constant.
 */
final class GemmEight implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final int STEP = Width.step(MethodHandles.lookup());
    private static final int TILE = 8;

    GemmEight() {
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
            tile8(w, at + tile * rowStep, tiles * rowStep, depth, x, xAt, y, yAt + tile * STEP, tiles * STEP);
        }
        for (int row = TILE * tiles; row < rows; row++) {
            tile1(w, at + row * rowStep, depth, x, xAt, y, yAt + row * STEP);
        }
    }

    private static void tile8(MemorySegment w, long at, long wStep, int depth, float[] x, int xAt, float[] y,
            int yAt, int yStep) {
        w.isMapped();
        long w1 = at + wStep;
        long w2 = at + 2 * wStep;
        long w3 = at + 3 * wStep;
        long w4 = at + 4 * wStep;
        long w5 = at + 5 * wStep;
        long w6 = at + 6 * wStep;
        long w7 = at + 7 * wStep;
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + yStep);
        FloatVector a2 = FloatVector.fromArray(S, y, yAt + 2 * yStep);
        FloatVector a3 = FloatVector.fromArray(S, y, yAt + 3 * yStep);
        FloatVector a4 = FloatVector.fromArray(S, y, yAt + 4 * yStep);
        FloatVector a5 = FloatVector.fromArray(S, y, yAt + 5 * yStep);
        FloatVector a6 = FloatVector.fromArray(S, y, yAt + 6 * yStep);
        FloatVector a7 = FloatVector.fromArray(S, y, yAt + 7 * yStep);
        for (int k = 0; k < depth; k++) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            a0 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, at + 4L * k))).fma(x0, a0);
            a1 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w1 + 4L * k))).fma(x0, a1);
            a2 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w2 + 4L * k))).fma(x0, a2);
            a3 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w3 + 4L * k))).fma(x0, a3);
            a4 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w4 + 4L * k))).fma(x0, a4);
            a5 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w5 + 4L * k))).fma(x0, a5);
            a6 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w6 + 4L * k))).fma(x0, a6);
            a7 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w7 + 4L * k))).fma(x0, a7);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
        VECTOR.cast(a1).intoArray(y, yAt + yStep);
        VECTOR.cast(a2).intoArray(y, yAt + 2 * yStep);
        VECTOR.cast(a3).intoArray(y, yAt + 3 * yStep);
        VECTOR.cast(a4).intoArray(y, yAt + 4 * yStep);
        VECTOR.cast(a5).intoArray(y, yAt + 5 * yStep);
        VECTOR.cast(a6).intoArray(y, yAt + 6 * yStep);
        VECTOR.cast(a7).intoArray(y, yAt + 7 * yStep);
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
