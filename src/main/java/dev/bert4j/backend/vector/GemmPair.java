package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The micro-kernels for panels of two vectors: six rows by two vectors of accumulators stay in registers while k runs.
 *
 * <p>The loops over k end with {@code !=} on a long offset on purpose. C2 takes such a loop for no counted loop and
 * does not unroll it; unrolled four times, it would hoist the loads of all copies and spill the accumulators, which
 * costs half of the speed. For the same reason every tile is a small method of its own.
 *
 * <p>Every segment is sliced inside the method that loads from it. A parameter could be a segment of any kind, and what
 * the JIT knows of it comes from profiles that the whole JVM shares; a slice taken here has the one kind that this call
 * site has seen. Where it has seen two, C2 compiles every access twice over, gives up inlining on the way, and boxes
 * the accumulators: ten times slower. So there are copies of the class for mapped weights and for other memory.
 *
 * <p>Six rows are what the 16 registers of AVX2 hold. AVX-512 has 32, and eight rows run a tenth faster there, but such
 * a method is too large for C1, and then HotSpot may never compile it at all.
 */
final class GemmPair implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final long BYTES = S.vectorByteSize();
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    GemmPair() {
    }

    @Override
    public void accumulate(MemorySegment w, long rowStep, long depthStep, int rows, int depth, MemorySegment x,
            MemorySegment y, long laneBytes) {
        long end = depth * depthStep;
        int tiles = rows / 6;
        int apart = Gemm.apart(tiles, depthStep);
        for (int tile = 0; tile < tiles; tile++) {
            long row = Gemm.firstRow(tile, 6, apart);
            tile6(w, row * rowStep, apart * rowStep, depthStep, end, x, y, row * laneBytes, apart * laneBytes,
                    laneBytes);
        }
        for (long row = tiles * 6L; row < rows; row++) {
            tile1(w, row * rowStep, depthStep, end, x, y, row * laneBytes, laneBytes);
        }
    }

    private static void tile6(MemorySegment w, long at, long rowStep, long depthStep, long end, MemorySegment x,
            MemorySegment y, long yAt, long yStep, long laneBytes) {
        MemorySegment xs = x.asSlice(0);
        MemorySegment ys = y.asSlice(yAt);
        MemorySegment w0 = w.asSlice(at, end - depthStep + 4);
        MemorySegment w1 = w.asSlice(at + rowStep, end - depthStep + 4);
        MemorySegment w2 = w.asSlice(at + 2 * rowStep, end - depthStep + 4);
        MemorySegment w3 = w.asSlice(at + 3 * rowStep, end - depthStep + 4);
        MemorySegment w4 = w.asSlice(at + 4 * rowStep, end - depthStep + 4);
        MemorySegment w5 = w.asSlice(at + 5 * rowStep, end - depthStep + 4);
        FloatVector a00 = FloatVector.fromMemorySegment(S, ys, 0, NATIVE);
        FloatVector a01 = FloatVector.fromMemorySegment(S, ys, BYTES, NATIVE);
        FloatVector a10 = FloatVector.fromMemorySegment(S, ys, yStep, NATIVE);
        FloatVector a11 = FloatVector.fromMemorySegment(S, ys, yStep + BYTES, NATIVE);
        FloatVector a20 = FloatVector.fromMemorySegment(S, ys, 2 * yStep, NATIVE);
        FloatVector a21 = FloatVector.fromMemorySegment(S, ys, 2 * yStep + BYTES, NATIVE);
        FloatVector a30 = FloatVector.fromMemorySegment(S, ys, 3 * yStep, NATIVE);
        FloatVector a31 = FloatVector.fromMemorySegment(S, ys, 3 * yStep + BYTES, NATIVE);
        FloatVector a40 = FloatVector.fromMemorySegment(S, ys, 4 * yStep, NATIVE);
        FloatVector a41 = FloatVector.fromMemorySegment(S, ys, 4 * yStep + BYTES, NATIVE);
        FloatVector a50 = FloatVector.fromMemorySegment(S, ys, 5 * yStep, NATIVE);
        FloatVector a51 = FloatVector.fromMemorySegment(S, ys, 5 * yStep + BYTES, NATIVE);
        long xo = 0;
        for (long k = 0; k != end; k += depthStep) {
            FloatVector x0 = FloatVector.fromMemorySegment(S, xs, xo, NATIVE);
            FloatVector x1 = FloatVector.fromMemorySegment(S, xs, xo + BYTES, NATIVE);
            FloatVector b0 = FloatVector.broadcast(S, w0.get(FLOAT, k));
            a00 = b0.fma(x0, a00);
            a01 = b0.fma(x1, a01);
            FloatVector b1 = FloatVector.broadcast(S, w1.get(FLOAT, k));
            a10 = b1.fma(x0, a10);
            a11 = b1.fma(x1, a11);
            FloatVector b2 = FloatVector.broadcast(S, w2.get(FLOAT, k));
            a20 = b2.fma(x0, a20);
            a21 = b2.fma(x1, a21);
            FloatVector b3 = FloatVector.broadcast(S, w3.get(FLOAT, k));
            a30 = b3.fma(x0, a30);
            a31 = b3.fma(x1, a31);
            FloatVector b4 = FloatVector.broadcast(S, w4.get(FLOAT, k));
            a40 = b4.fma(x0, a40);
            a41 = b4.fma(x1, a41);
            FloatVector b5 = FloatVector.broadcast(S, w5.get(FLOAT, k));
            a50 = b5.fma(x0, a50);
            a51 = b5.fma(x1, a51);
            xo += laneBytes;
        }
        a00.intoMemorySegment(ys, 0, NATIVE);
        a01.intoMemorySegment(ys, BYTES, NATIVE);
        a10.intoMemorySegment(ys, yStep, NATIVE);
        a11.intoMemorySegment(ys, yStep + BYTES, NATIVE);
        a20.intoMemorySegment(ys, 2 * yStep, NATIVE);
        a21.intoMemorySegment(ys, 2 * yStep + BYTES, NATIVE);
        a30.intoMemorySegment(ys, 3 * yStep, NATIVE);
        a31.intoMemorySegment(ys, 3 * yStep + BYTES, NATIVE);
        a40.intoMemorySegment(ys, 4 * yStep, NATIVE);
        a41.intoMemorySegment(ys, 4 * yStep + BYTES, NATIVE);
        a50.intoMemorySegment(ys, 5 * yStep, NATIVE);
        a51.intoMemorySegment(ys, 5 * yStep + BYTES, NATIVE);
    }

    private static void tile1(MemorySegment w, long at, long depthStep, long end, MemorySegment x,
            MemorySegment y, long yAt, long laneBytes) {
        MemorySegment xs = x.asSlice(0);
        MemorySegment ys = y.asSlice(yAt);
        MemorySegment w0 = w.asSlice(at, end - depthStep + 4);
        FloatVector a00 = FloatVector.fromMemorySegment(S, ys, 0, NATIVE);
        FloatVector a01 = FloatVector.fromMemorySegment(S, ys, BYTES, NATIVE);
        long xo = 0;
        for (long k = 0; k != end; k += depthStep) {
            FloatVector x0 = FloatVector.fromMemorySegment(S, xs, xo, NATIVE);
            FloatVector x1 = FloatVector.fromMemorySegment(S, xs, xo + BYTES, NATIVE);
            FloatVector b0 = FloatVector.broadcast(S, w0.get(FLOAT, k));
            a00 = b0.fma(x0, a00);
            a01 = b0.fma(x1, a01);
            xo += laneBytes;
        }
        a00.intoMemorySegment(ys, 0, NATIVE);
        a01.intoMemorySegment(ys, BYTES, NATIVE);
    }
}
