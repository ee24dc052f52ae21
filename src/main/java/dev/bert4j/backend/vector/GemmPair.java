package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.Floats.STORED;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The micro-kernels for panels of two vectors: some rows by two vectors of accumulators stay in registers while k runs.
 *
 * <p>The loops over k are counted ones, out of which C2 takes the bounds checks. That of four rows takes two steps at a
 * time: C2 unrolls a counted loop that is short, hoists the loads of all copies, and spills the accumulators, which
 * costs half of the speed; with two steps the loop is too long for it. Six rows are for the 32 registers of AVX-512,
 * four for the 16 of AVX2.
 *
 * <p>The rows of a tile lie as far apart as there are tiles. A tile reads its rows side by side, each a stream of a few
 * kilobytes, and the hardware has hardly recognised such streams when they end; so the first tile takes rows 0, n, 2n …
 * of the block and the next rows 1, n + 1, …, and every stream goes on where it stopped.
 *
 * <p>What the JIT knows of a segment that is handed to a method comes from profiles of the library's methods, which
 * the whole JVM shares: where a program works with several kinds of segments, C2 would compile every access for all
 * of them, and a tile runs at an eighth of its speed. So the tiles first ask {@code isMapped()}, which each kind
 * answers with a method of its own: the profile of that call is the kernel's, and from there on C2 knows the kind.
 * There are copies of the class for mapped weights and for others. All else lies in arrays on the heap, of which there
 * is one kind.
 */
final class GemmPair implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final int V = S.length();
    private static final int STEP = 2 * V;
    /** A machine with vectors of 512 bits has 32 of them, others may have 16. */
    private static final int TILE = V == 16 ? 6 : 4;

    GemmPair() {
    }

    @Override
    public int tileRows() {
        return TILE;
    }

    @Override
    public void accumulate(MemorySegment w, long at, long rowStep, int rows, int depth, float[] x, int xAt, float[] y,
            int yAt) {
        int tiles = rows / TILE;
        if (tiles > 0 && TILE == 6) {
            tiles6(w, at, rowStep, tiles, depth, x, xAt, y, yAt);
        } else if (tiles > 0) {
            tiles4(w, at, rowStep, tiles, depth, x, xAt, y, yAt);
        }
        for (int row = TILE * tiles; row < rows; row++) {
            tile1(w, at + row * rowStep, depth, x, xAt, y, yAt + row * STEP);
        }
        if (TILE != 6 && (depth & 1) != 0) {
            last(w, at, rowStep, tiles * TILE, depth, x, xAt, y, yAt);
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
            FloatVector a00 = FloatVector.fromArray(S, y, to);
            FloatVector a01 = FloatVector.fromArray(S, y, to + V);
            FloatVector a10 = FloatVector.fromArray(S, y, to + yStep);
            FloatVector a11 = FloatVector.fromArray(S, y, to + yStep + V);
            FloatVector a20 = FloatVector.fromArray(S, y, to + 2 * yStep);
            FloatVector a21 = FloatVector.fromArray(S, y, to + 2 * yStep + V);
            FloatVector a30 = FloatVector.fromArray(S, y, to + 3 * yStep);
            FloatVector a31 = FloatVector.fromArray(S, y, to + 3 * yStep + V);
            FloatVector a40 = FloatVector.fromArray(S, y, to + 4 * yStep);
            FloatVector a41 = FloatVector.fromArray(S, y, to + 4 * yStep + V);
            FloatVector a50 = FloatVector.fromArray(S, y, to + 5 * yStep);
            FloatVector a51 = FloatVector.fromArray(S, y, to + 5 * yStep + V);
            for (int k = 0; k < depth; k++) {
                FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
                FloatVector x1 = FloatVector.fromArray(S, x, xAt + k * STEP + V);
                FloatVector b0 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, o + 4L * k)));
                a00 = b0.fma(x0, a00);
                a01 = b0.fma(x1, a01);
                FloatVector b1 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w1 + 4L * k)));
                a10 = b1.fma(x0, a10);
                a11 = b1.fma(x1, a11);
                FloatVector b2 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w2 + 4L * k)));
                a20 = b2.fma(x0, a20);
                a21 = b2.fma(x1, a21);
                FloatVector b3 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w3 + 4L * k)));
                a30 = b3.fma(x0, a30);
                a31 = b3.fma(x1, a31);
                FloatVector b4 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w4 + 4L * k)));
                a40 = b4.fma(x0, a40);
                a41 = b4.fma(x1, a41);
                FloatVector b5 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w5 + 4L * k)));
                a50 = b5.fma(x0, a50);
                a51 = b5.fma(x1, a51);
            }
            VECTOR.cast(a00).intoArray(y, to);
            VECTOR.cast(a01).intoArray(y, to + V);
            VECTOR.cast(a10).intoArray(y, to + yStep);
            VECTOR.cast(a11).intoArray(y, to + yStep + V);
            VECTOR.cast(a20).intoArray(y, to + 2 * yStep);
            VECTOR.cast(a21).intoArray(y, to + 2 * yStep + V);
            VECTOR.cast(a30).intoArray(y, to + 3 * yStep);
            VECTOR.cast(a31).intoArray(y, to + 3 * yStep + V);
            VECTOR.cast(a40).intoArray(y, to + 4 * yStep);
            VECTOR.cast(a41).intoArray(y, to + 4 * yStep + V);
            VECTOR.cast(a50).intoArray(y, to + 5 * yStep);
            VECTOR.cast(a51).intoArray(y, to + 5 * yStep + V);
        }
    }

    private static void tiles4(MemorySegment w, long at, long rowStep, int tiles, int depth, float[] x, int xAt,
            float[] y, int yAt) {
        w.isMapped();
        long wStep = tiles * rowStep;
        int yStep = tiles * STEP;
        int even = depth & -2;
        for (int tile = 0; tile < tiles; tile++) {
            long o = at + tile * rowStep;
            int to = yAt + tile * STEP;
            long w1 = o + wStep;
            long w2 = o + 2 * wStep;
            long w3 = o + 3 * wStep;
            FloatVector a00 = FloatVector.fromArray(S, y, to);
            FloatVector a01 = FloatVector.fromArray(S, y, to + V);
            FloatVector a10 = FloatVector.fromArray(S, y, to + yStep);
            FloatVector a11 = FloatVector.fromArray(S, y, to + yStep + V);
            FloatVector a20 = FloatVector.fromArray(S, y, to + 2 * yStep);
            FloatVector a21 = FloatVector.fromArray(S, y, to + 2 * yStep + V);
            FloatVector a30 = FloatVector.fromArray(S, y, to + 3 * yStep);
            FloatVector a31 = FloatVector.fromArray(S, y, to + 3 * yStep + V);
            for (int k = 0; k < even; k += 2) {
                FloatVector x0 = FloatVector.fromArray(S, x, xAt + k * STEP);
                FloatVector x1 = FloatVector.fromArray(S, x, xAt + k * STEP + V);
                FloatVector b0 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, o + 4L * k)));
                a00 = b0.fma(x0, a00);
                a01 = b0.fma(x1, a01);
                FloatVector b1 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w1 + 4L * k)));
                a10 = b1.fma(x0, a10);
                a11 = b1.fma(x1, a11);
                FloatVector b2 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w2 + 4L * k)));
                a20 = b2.fma(x0, a20);
                a21 = b2.fma(x1, a21);
                FloatVector b3 = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w3 + 4L * k)));
                a30 = b3.fma(x0, a30);
                a31 = b3.fma(x1, a31);
                FloatVector x0n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP);
                FloatVector x1n = FloatVector.fromArray(S, x, xAt + (k + 1) * STEP + V);
                FloatVector b0n = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, o + 4L * k + 4)));
                a00 = b0n.fma(x0n, a00);
                a01 = b0n.fma(x1n, a01);
                FloatVector b1n = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w1 + 4L * k + 4)));
                a10 = b1n.fma(x0n, a10);
                a11 = b1n.fma(x1n, a11);
                FloatVector b2n = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w2 + 4L * k + 4)));
                a20 = b2n.fma(x0n, a20);
                a21 = b2n.fma(x1n, a21);
                FloatVector b3n = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, w3 + 4L * k + 4)));
                a30 = b3n.fma(x0n, a30);
                a31 = b3n.fma(x1n, a31);
            }
            VECTOR.cast(a00).intoArray(y, to);
            VECTOR.cast(a01).intoArray(y, to + V);
            VECTOR.cast(a10).intoArray(y, to + yStep);
            VECTOR.cast(a11).intoArray(y, to + yStep + V);
            VECTOR.cast(a20).intoArray(y, to + 2 * yStep);
            VECTOR.cast(a21).intoArray(y, to + 2 * yStep + V);
            VECTOR.cast(a30).intoArray(y, to + 3 * yStep);
            VECTOR.cast(a31).intoArray(y, to + 3 * yStep + V);
        }
    }

    private static void tile1(MemorySegment w, long at, int depth, float[] x, int xAt, float[] y, int yAt) {
        FloatVector a0 = FloatVector.fromArray(S, y, yAt);
        FloatVector a1 = FloatVector.fromArray(S, y, yAt + V);
        for (int k = 0; k < depth; k++) {
            FloatVector b = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, at + 4L * k)));
            a0 = b.fma(FloatVector.fromArray(S, x, xAt + k * STEP), a0);
            a1 = b.fma(FloatVector.fromArray(S, x, xAt + k * STEP + V), a1);
        }
        VECTOR.cast(a0).intoArray(y, yAt);
        VECTOR.cast(a1).intoArray(y, yAt + V);
    }

    /** The last column of an odd number, for the rows of all tiles. */
    private static void last(MemorySegment w, long at, long rowStep, int rows, int depth, float[] x, int xAt,
            float[] y, int yAt) {
        int xo = xAt + (depth - 1) * STEP;
        for (int row = 0; row < rows; row++) {
            FloatVector b = VECTOR.cast(FloatVector.broadcast(S, w.get(STORED, at + row * rowStep + 4L * depth - 4)));
            b.fma(FloatVector.fromArray(S, x, xo), FloatVector.fromArray(S, y, yAt + row * STEP))
                    .intoArray(y, yAt + row * STEP);
            b.fma(FloatVector.fromArray(S, x, xo + V), FloatVector.fromArray(S, y, yAt + row * STEP + V))
                    .intoArray(y, yAt + row * STEP + V);
        }
    }
}
