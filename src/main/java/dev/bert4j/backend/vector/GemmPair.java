package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The micro-kernels for panels of two vectors: up to twelve rows by two vectors of accumulators stay in registers while
 * k runs.
 *
 * <p>The loops over k end with {@code !=} on a long offset on purpose. C2 takes such a loop for no counted loop and
 * does not unroll it; unrolled four times, it would hoist the loads of all copies and spill the accumulators, which
 * costs half of the speed. For the same reason every tile is a small method of its own. The slices of the weight rows
 * are taken before the loop and have one length, so that one comparison checks the bounds of all.
 */
final class GemmPair implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final long BYTES = S.vectorByteSize();
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    /** AVX-512 has 32 registers, which hold twelve rows; with the 16 of AVX2 more than six would spill. */
    private static final boolean TWELVE = S.vectorBitSize() >= 512;

    GemmPair() {
    }

    @Override
    public void accumulate(MemorySegment w, long rowStep, long depthStep, int rows, int depth, MemorySegment x,
            MemorySegment y, long laneBytes) {
        long end = depth * depthStep;
        int row = 0;
        for (; TWELVE && row + 12 <= rows; row += 12) {
            tile12(w, row * rowStep, rowStep, depthStep, end, x, y, row * laneBytes, laneBytes);
        }
        for (; row + 6 <= rows; row += 6) {
            tile6(w, row * rowStep, rowStep, depthStep, end, x, y, row * laneBytes, laneBytes);
        }
        for (; row < rows; row++) {
            tile1(w, row * rowStep, rowStep, depthStep, end, x, y, row * laneBytes, laneBytes);
        }
    }

    private static void tile12(MemorySegment w, long at, long rowStep, long depthStep, long end, MemorySegment x,
            MemorySegment y, long yAt, long laneBytes) {
        MemorySegment xs = x.asSlice(0);
        MemorySegment ys = y.asSlice(yAt);
        MemorySegment w0 = w.asSlice(at, end - depthStep + 4);
        MemorySegment w1 = w.asSlice(at + rowStep, end - depthStep + 4);
        MemorySegment w2 = w.asSlice(at + 2 * rowStep, end - depthStep + 4);
        MemorySegment w3 = w.asSlice(at + 3 * rowStep, end - depthStep + 4);
        MemorySegment w4 = w.asSlice(at + 4 * rowStep, end - depthStep + 4);
        MemorySegment w5 = w.asSlice(at + 5 * rowStep, end - depthStep + 4);
        MemorySegment w6 = w.asSlice(at + 6 * rowStep, end - depthStep + 4);
        MemorySegment w7 = w.asSlice(at + 7 * rowStep, end - depthStep + 4);
        MemorySegment w8 = w.asSlice(at + 8 * rowStep, end - depthStep + 4);
        MemorySegment w9 = w.asSlice(at + 9 * rowStep, end - depthStep + 4);
        MemorySegment w10 = w.asSlice(at + 10 * rowStep, end - depthStep + 4);
        MemorySegment w11 = w.asSlice(at + 11 * rowStep, end - depthStep + 4);
        FloatVector a00 = FloatVector.fromMemorySegment(S, ys, 0, NATIVE);
        FloatVector a01 = FloatVector.fromMemorySegment(S, ys, BYTES, NATIVE);
        FloatVector a10 = FloatVector.fromMemorySegment(S, ys, laneBytes, NATIVE);
        FloatVector a11 = FloatVector.fromMemorySegment(S, ys, laneBytes + BYTES, NATIVE);
        FloatVector a20 = FloatVector.fromMemorySegment(S, ys, 2 * laneBytes, NATIVE);
        FloatVector a21 = FloatVector.fromMemorySegment(S, ys, 2 * laneBytes + BYTES, NATIVE);
        FloatVector a30 = FloatVector.fromMemorySegment(S, ys, 3 * laneBytes, NATIVE);
        FloatVector a31 = FloatVector.fromMemorySegment(S, ys, 3 * laneBytes + BYTES, NATIVE);
        FloatVector a40 = FloatVector.fromMemorySegment(S, ys, 4 * laneBytes, NATIVE);
        FloatVector a41 = FloatVector.fromMemorySegment(S, ys, 4 * laneBytes + BYTES, NATIVE);
        FloatVector a50 = FloatVector.fromMemorySegment(S, ys, 5 * laneBytes, NATIVE);
        FloatVector a51 = FloatVector.fromMemorySegment(S, ys, 5 * laneBytes + BYTES, NATIVE);
        FloatVector a60 = FloatVector.fromMemorySegment(S, ys, 6 * laneBytes, NATIVE);
        FloatVector a61 = FloatVector.fromMemorySegment(S, ys, 6 * laneBytes + BYTES, NATIVE);
        FloatVector a70 = FloatVector.fromMemorySegment(S, ys, 7 * laneBytes, NATIVE);
        FloatVector a71 = FloatVector.fromMemorySegment(S, ys, 7 * laneBytes + BYTES, NATIVE);
        FloatVector a80 = FloatVector.fromMemorySegment(S, ys, 8 * laneBytes, NATIVE);
        FloatVector a81 = FloatVector.fromMemorySegment(S, ys, 8 * laneBytes + BYTES, NATIVE);
        FloatVector a90 = FloatVector.fromMemorySegment(S, ys, 9 * laneBytes, NATIVE);
        FloatVector a91 = FloatVector.fromMemorySegment(S, ys, 9 * laneBytes + BYTES, NATIVE);
        FloatVector a100 = FloatVector.fromMemorySegment(S, ys, 10 * laneBytes, NATIVE);
        FloatVector a101 = FloatVector.fromMemorySegment(S, ys, 10 * laneBytes + BYTES, NATIVE);
        FloatVector a110 = FloatVector.fromMemorySegment(S, ys, 11 * laneBytes, NATIVE);
        FloatVector a111 = FloatVector.fromMemorySegment(S, ys, 11 * laneBytes + BYTES, NATIVE);
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
            FloatVector b6 = FloatVector.broadcast(S, w6.get(FLOAT, k));
            a60 = b6.fma(x0, a60);
            a61 = b6.fma(x1, a61);
            FloatVector b7 = FloatVector.broadcast(S, w7.get(FLOAT, k));
            a70 = b7.fma(x0, a70);
            a71 = b7.fma(x1, a71);
            FloatVector b8 = FloatVector.broadcast(S, w8.get(FLOAT, k));
            a80 = b8.fma(x0, a80);
            a81 = b8.fma(x1, a81);
            FloatVector b9 = FloatVector.broadcast(S, w9.get(FLOAT, k));
            a90 = b9.fma(x0, a90);
            a91 = b9.fma(x1, a91);
            FloatVector b10 = FloatVector.broadcast(S, w10.get(FLOAT, k));
            a100 = b10.fma(x0, a100);
            a101 = b10.fma(x1, a101);
            FloatVector b11 = FloatVector.broadcast(S, w11.get(FLOAT, k));
            a110 = b11.fma(x0, a110);
            a111 = b11.fma(x1, a111);
            xo += laneBytes;
        }
        a00.intoMemorySegment(ys, 0, NATIVE);
        a01.intoMemorySegment(ys, BYTES, NATIVE);
        a10.intoMemorySegment(ys, laneBytes, NATIVE);
        a11.intoMemorySegment(ys, laneBytes + BYTES, NATIVE);
        a20.intoMemorySegment(ys, 2 * laneBytes, NATIVE);
        a21.intoMemorySegment(ys, 2 * laneBytes + BYTES, NATIVE);
        a30.intoMemorySegment(ys, 3 * laneBytes, NATIVE);
        a31.intoMemorySegment(ys, 3 * laneBytes + BYTES, NATIVE);
        a40.intoMemorySegment(ys, 4 * laneBytes, NATIVE);
        a41.intoMemorySegment(ys, 4 * laneBytes + BYTES, NATIVE);
        a50.intoMemorySegment(ys, 5 * laneBytes, NATIVE);
        a51.intoMemorySegment(ys, 5 * laneBytes + BYTES, NATIVE);
        a60.intoMemorySegment(ys, 6 * laneBytes, NATIVE);
        a61.intoMemorySegment(ys, 6 * laneBytes + BYTES, NATIVE);
        a70.intoMemorySegment(ys, 7 * laneBytes, NATIVE);
        a71.intoMemorySegment(ys, 7 * laneBytes + BYTES, NATIVE);
        a80.intoMemorySegment(ys, 8 * laneBytes, NATIVE);
        a81.intoMemorySegment(ys, 8 * laneBytes + BYTES, NATIVE);
        a90.intoMemorySegment(ys, 9 * laneBytes, NATIVE);
        a91.intoMemorySegment(ys, 9 * laneBytes + BYTES, NATIVE);
        a100.intoMemorySegment(ys, 10 * laneBytes, NATIVE);
        a101.intoMemorySegment(ys, 10 * laneBytes + BYTES, NATIVE);
        a110.intoMemorySegment(ys, 11 * laneBytes, NATIVE);
        a111.intoMemorySegment(ys, 11 * laneBytes + BYTES, NATIVE);
    }

    private static void tile6(MemorySegment w, long at, long rowStep, long depthStep, long end, MemorySegment x,
            MemorySegment y, long yAt, long laneBytes) {
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
        FloatVector a10 = FloatVector.fromMemorySegment(S, ys, laneBytes, NATIVE);
        FloatVector a11 = FloatVector.fromMemorySegment(S, ys, laneBytes + BYTES, NATIVE);
        FloatVector a20 = FloatVector.fromMemorySegment(S, ys, 2 * laneBytes, NATIVE);
        FloatVector a21 = FloatVector.fromMemorySegment(S, ys, 2 * laneBytes + BYTES, NATIVE);
        FloatVector a30 = FloatVector.fromMemorySegment(S, ys, 3 * laneBytes, NATIVE);
        FloatVector a31 = FloatVector.fromMemorySegment(S, ys, 3 * laneBytes + BYTES, NATIVE);
        FloatVector a40 = FloatVector.fromMemorySegment(S, ys, 4 * laneBytes, NATIVE);
        FloatVector a41 = FloatVector.fromMemorySegment(S, ys, 4 * laneBytes + BYTES, NATIVE);
        FloatVector a50 = FloatVector.fromMemorySegment(S, ys, 5 * laneBytes, NATIVE);
        FloatVector a51 = FloatVector.fromMemorySegment(S, ys, 5 * laneBytes + BYTES, NATIVE);
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
        a10.intoMemorySegment(ys, laneBytes, NATIVE);
        a11.intoMemorySegment(ys, laneBytes + BYTES, NATIVE);
        a20.intoMemorySegment(ys, 2 * laneBytes, NATIVE);
        a21.intoMemorySegment(ys, 2 * laneBytes + BYTES, NATIVE);
        a30.intoMemorySegment(ys, 3 * laneBytes, NATIVE);
        a31.intoMemorySegment(ys, 3 * laneBytes + BYTES, NATIVE);
        a40.intoMemorySegment(ys, 4 * laneBytes, NATIVE);
        a41.intoMemorySegment(ys, 4 * laneBytes + BYTES, NATIVE);
        a50.intoMemorySegment(ys, 5 * laneBytes, NATIVE);
        a51.intoMemorySegment(ys, 5 * laneBytes + BYTES, NATIVE);
    }

    private static void tile1(MemorySegment w, long at, long rowStep, long depthStep, long end, MemorySegment x,
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
