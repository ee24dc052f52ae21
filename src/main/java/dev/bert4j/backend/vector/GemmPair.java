package dev.bert4j.backend.vector;

import java.lang.invoke.MethodHandles;
import java.nio.FloatBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The micro-kernels for panels of two vectors: some rows by two vectors of accumulators stay in registers while k runs.
 *
 * <p>The loops over k take two steps at a time on purpose. C2 takes the bounds checks out of a counted loop, but it
 * unrolls one that is short, hoists the loads of all copies, and spills the accumulators, which costs half of the
 * speed; with two steps the loop is too long for it. Six rows fill the 32 registers of AVX-512 well enough; the 16 of
 * AVX2 hold four.
 *
 * <p>The rows of a tile lie as far apart as there are tiles. A tile reads its rows side by side, each a stream of a few
 * kilobytes, and the hardware has hardly recognised such streams when they end; so the first tile takes rows 0, n, 2n …
 * of the block and the next rows 1, n + 1, …, and every stream goes on where it stopped.
 *
 * <p>Segments are sliced inside the method that loads from them: what the JIT knows of a parameter comes from profiles
 * that the whole JVM shares, and where those have seen two kinds of segments, C2 compiles every access twice over and
 * boxes the accumulators. So there are copies of the class for mapped weights and for others. All else lies on the
 * heap, of which there is one kind; the segments' accesses are also so much code for C1 that it fails on tiles that
 * make much use of them, and HotSpot may then leave the method interpreted.
 */
final class GemmPair implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final int V = S.length();
    private static final int STEP = 2 * V;
    /** A machine with vectors of 512 bits has 32 of them, others may have 16. */
    private static final int TILE = V == 16 ? 6 : 4;

    GemmPair() {
    }

    @Override
    public int tileRows(int depth) {
        return TILE;
    }

    @Override
    public void accumulate(FloatBuffer w, int at, int rowStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        int tiles = rows / TILE;
        for (int tile = 0; tile < tiles; tile++) {
            if (TILE == 6) {
                tile6(w, at + tile * rowStep, tiles * rowStep, depth, x, xAt, y, yAt + tile * STEP, tiles * STEP);
            } else {
                tile4(w, at + tile * rowStep, tiles * rowStep, depth, x, xAt, y, yAt + tile * STEP, tiles * STEP);
            }
        }
        for (int row = TILE * tiles; row < rows; row++) {
            tile1(w, at + row * rowStep, depth, x, xAt, y, yAt + row * STEP);
        }
        if (TILE != 6 && (depth & 1) != 0) {
            last(w, at, rowStep, tiles * TILE, depth, x, xAt, y, yAt);
        }
    }

    private static void tile6(FloatBuffer w, int at, int wStep, int depth, float[] x, int xAt,
            float[] y, int yAt, int yStep) {
        int w1 = at + wStep;
        int w2 = at + 2 * wStep;
        int w3 = at + 3 * wStep;
        int w4 = at + 4 * wStep;
        int w5 = at + 5 * wStep;
        FloatVector a00 = FloatVector.fromArray(S, y, yAt);
        FloatVector a01 = FloatVector.fromArray(S, y, yAt + V);
        FloatVector a10 = FloatVector.fromArray(S, y, yAt + yStep);
        FloatVector a11 = FloatVector.fromArray(S, y, yAt + yStep + V);
        FloatVector a20 = FloatVector.fromArray(S, y, yAt + 2 * yStep);
        FloatVector a21 = FloatVector.fromArray(S, y, yAt + 2 * yStep + V);
        FloatVector a30 = FloatVector.fromArray(S, y, yAt + 3 * yStep);
        FloatVector a31 = FloatVector.fromArray(S, y, yAt + 3 * yStep + V);
        FloatVector a40 = FloatVector.fromArray(S, y, yAt + 4 * yStep);
        FloatVector a41 = FloatVector.fromArray(S, y, yAt + 4 * yStep + V);
        FloatVector a50 = FloatVector.fromArray(S, y, yAt + 5 * yStep);
        FloatVector a51 = FloatVector.fromArray(S, y, yAt + 5 * yStep + V);
        for (int k = 0; k < depth; k++) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            FloatVector x1 = FloatVector.fromArray(S, x, xAt + k * STEP + V);
            FloatVector b0 = FloatVector.broadcast(S, w.get(at + k));
            a00 = b0.fma(x0, a00);
            a01 = b0.fma(x1, a01);
            FloatVector b1 = FloatVector.broadcast(S, w.get(w1 + k));
            a10 = b1.fma(x0, a10);
            a11 = b1.fma(x1, a11);
            FloatVector b2 = FloatVector.broadcast(S, w.get(w2 + k));
            a20 = b2.fma(x0, a20);
            a21 = b2.fma(x1, a21);
            FloatVector b3 = FloatVector.broadcast(S, w.get(w3 + k));
            a30 = b3.fma(x0, a30);
            a31 = b3.fma(x1, a31);
            FloatVector b4 = FloatVector.broadcast(S, w.get(w4 + k));
            a40 = b4.fma(x0, a40);
            a41 = b4.fma(x1, a41);
            FloatVector b5 = FloatVector.broadcast(S, w.get(w5 + k));
            a50 = b5.fma(x0, a50);
            a51 = b5.fma(x1, a51);
        }
        a00.intoArray(y, yAt);
        a01.intoArray(y, yAt + V);
        a10.intoArray(y, yAt + yStep);
        a11.intoArray(y, yAt + yStep + V);
        a20.intoArray(y, yAt + 2 * yStep);
        a21.intoArray(y, yAt + 2 * yStep + V);
        a30.intoArray(y, yAt + 3 * yStep);
        a31.intoArray(y, yAt + 3 * yStep + V);
        a40.intoArray(y, yAt + 4 * yStep);
        a41.intoArray(y, yAt + 4 * yStep + V);
        a50.intoArray(y, yAt + 5 * yStep);
        a51.intoArray(y, yAt + 5 * yStep + V);
    }

    private static void tile4(FloatBuffer w, int at, int wStep, int depth, float[] x, int xAt,
            float[] y, int yAt, int yStep) {
        int even = depth & -2;
        int w1 = at + wStep;
        int w2 = at + 2 * wStep;
        int w3 = at + 3 * wStep;
        FloatVector a00 = FloatVector.fromArray(S, y, yAt);
        FloatVector a01 = FloatVector.fromArray(S, y, yAt + V);
        FloatVector a10 = FloatVector.fromArray(S, y, yAt + yStep);
        FloatVector a11 = FloatVector.fromArray(S, y, yAt + yStep + V);
        FloatVector a20 = FloatVector.fromArray(S, y, yAt + 2 * yStep);
        FloatVector a21 = FloatVector.fromArray(S, y, yAt + 2 * yStep + V);
        FloatVector a30 = FloatVector.fromArray(S, y, yAt + 3 * yStep);
        FloatVector a31 = FloatVector.fromArray(S, y, yAt + 3 * yStep + V);
        for (int k = 0; k < even; k += 2) {
            FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
            FloatVector x1 = FloatVector.fromArray(S, x, xAt + k * STEP + V);
            FloatVector b0 = FloatVector.broadcast(S, w.get(at + k));
            a00 = b0.fma(x0, a00);
            a01 = b0.fma(x1, a01);
            FloatVector b1 = FloatVector.broadcast(S, w.get(w1 + k));
            a10 = b1.fma(x0, a10);
            a11 = b1.fma(x1, a11);
            FloatVector b2 = FloatVector.broadcast(S, w.get(w2 + k));
            a20 = b2.fma(x0, a20);
            a21 = b2.fma(x1, a21);
            FloatVector b3 = FloatVector.broadcast(S, w.get(w3 + k));
            a30 = b3.fma(x0, a30);
            a31 = b3.fma(x1, a31);
            FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
            FloatVector x1n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP + V);
            FloatVector b0n = FloatVector.broadcast(S, w.get(at + k + 1));
            a00 = b0n.fma(x0n, a00);
            a01 = b0n.fma(x1n, a01);
            FloatVector b1n = FloatVector.broadcast(S, w.get(w1 + k + 1));
            a10 = b1n.fma(x0n, a10);
            a11 = b1n.fma(x1n, a11);
            FloatVector b2n = FloatVector.broadcast(S, w.get(w2 + k + 1));
            a20 = b2n.fma(x0n, a20);
            a21 = b2n.fma(x1n, a21);
            FloatVector b3n = FloatVector.broadcast(S, w.get(w3 + k + 1));
            a30 = b3n.fma(x0n, a30);
            a31 = b3n.fma(x1n, a31);
        }
        a00.intoArray(y, yAt);
        a01.intoArray(y, yAt + V);
        a10.intoArray(y, yAt + yStep);
        a11.intoArray(y, yAt + yStep + V);
        a20.intoArray(y, yAt + 2 * yStep);
        a21.intoArray(y, yAt + 2 * yStep + V);
        a30.intoArray(y, yAt + 3 * yStep);
        a31.intoArray(y, yAt + 3 * yStep + V);
    }

    private static void tile1(FloatBuffer w, int at, int depth, float[] x, int xAt, float[] y, int yAt) {
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + V);
        for (int k = 0; k < depth; k++) {
            FloatVector b = FloatVector.broadcast(S, w.get(at + k));
            a0 = b.fma(FloatVector.fromArray(S, x, xAt + k * STEP), a0);
            a1 = b.fma(FloatVector.fromArray(S, x, xAt + k * STEP + V), a1);
        }
        a0.intoArray(y, yAt);
        a1.intoArray(y, yAt + V);
    }

    /** The last column of an odd number, for the rows of all tiles. */
    private static void last(FloatBuffer w, int at, int rowStep, int rows, int depth, float[] x, int xAt,
            float[] y, int yAt) {
        int xo = xAt + (depth - 1) * STEP;
        for (int row = 0; row < rows; row++) {
            FloatVector b = FloatVector.broadcast(S, w.get(at + row * rowStep + depth - 1));
            b.fma(FloatVector.fromArray(S, x, xo), FloatVector.fromArray(S, y, yAt + row * STEP))
                    .intoArray(y, yAt + row * STEP);
            b.fma(FloatVector.fromArray(S, x, xo + V), FloatVector.fromArray(S, y, yAt + row * STEP + V))
                    .intoArray(y, yAt + row * STEP + V);
        }
    }
}
