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
            tile12(w, row * rowStep, rowStep, depthStep, end, x, y.asSlice(row * laneBytes), laneBytes);
        }
        for (; row + 6 <= rows; row += 6) {
            tile6(w, row * rowStep, rowStep, depthStep, end, x, y.asSlice(row * laneBytes), laneBytes);
        }
        for (; row < rows; row++) {
            tile1(w, row * rowStep, rowStep, depthStep, end, x, y.asSlice(row * laneBytes), laneBytes);
        }
    }

    private static void tile12(MemorySegment w, long at, long rowStep, long depthStep, long end,
            MemorySegment x, MemorySegment y, long laneBytes) {
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
        FloatVector a00 = load(y, 0);
        FloatVector a01 = load(y, BYTES);
        FloatVector a10 = load(y, laneBytes);
        FloatVector a11 = load(y, laneBytes + BYTES);
        FloatVector a20 = load(y, 2 * laneBytes);
        FloatVector a21 = load(y, 2 * laneBytes + BYTES);
        FloatVector a30 = load(y, 3 * laneBytes);
        FloatVector a31 = load(y, 3 * laneBytes + BYTES);
        FloatVector a40 = load(y, 4 * laneBytes);
        FloatVector a41 = load(y, 4 * laneBytes + BYTES);
        FloatVector a50 = load(y, 5 * laneBytes);
        FloatVector a51 = load(y, 5 * laneBytes + BYTES);
        FloatVector a60 = load(y, 6 * laneBytes);
        FloatVector a61 = load(y, 6 * laneBytes + BYTES);
        FloatVector a70 = load(y, 7 * laneBytes);
        FloatVector a71 = load(y, 7 * laneBytes + BYTES);
        FloatVector a80 = load(y, 8 * laneBytes);
        FloatVector a81 = load(y, 8 * laneBytes + BYTES);
        FloatVector a90 = load(y, 9 * laneBytes);
        FloatVector a91 = load(y, 9 * laneBytes + BYTES);
        FloatVector a100 = load(y, 10 * laneBytes);
        FloatVector a101 = load(y, 10 * laneBytes + BYTES);
        FloatVector a110 = load(y, 11 * laneBytes);
        FloatVector a111 = load(y, 11 * laneBytes + BYTES);
        long xo = 0;
        for (long k = 0; k != end; k += depthStep) {
            FloatVector x0 = load(x, xo);
            FloatVector x1 = load(x, xo + BYTES);
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
        store(a00, y, 0);
        store(a01, y, BYTES);
        store(a10, y, laneBytes);
        store(a11, y, laneBytes + BYTES);
        store(a20, y, 2 * laneBytes);
        store(a21, y, 2 * laneBytes + BYTES);
        store(a30, y, 3 * laneBytes);
        store(a31, y, 3 * laneBytes + BYTES);
        store(a40, y, 4 * laneBytes);
        store(a41, y, 4 * laneBytes + BYTES);
        store(a50, y, 5 * laneBytes);
        store(a51, y, 5 * laneBytes + BYTES);
        store(a60, y, 6 * laneBytes);
        store(a61, y, 6 * laneBytes + BYTES);
        store(a70, y, 7 * laneBytes);
        store(a71, y, 7 * laneBytes + BYTES);
        store(a80, y, 8 * laneBytes);
        store(a81, y, 8 * laneBytes + BYTES);
        store(a90, y, 9 * laneBytes);
        store(a91, y, 9 * laneBytes + BYTES);
        store(a100, y, 10 * laneBytes);
        store(a101, y, 10 * laneBytes + BYTES);
        store(a110, y, 11 * laneBytes);
        store(a111, y, 11 * laneBytes + BYTES);
    }

    private static void tile6(MemorySegment w, long at, long rowStep, long depthStep, long end,
            MemorySegment x, MemorySegment y, long laneBytes) {
        MemorySegment w0 = w.asSlice(at, end - depthStep + 4);
        MemorySegment w1 = w.asSlice(at + rowStep, end - depthStep + 4);
        MemorySegment w2 = w.asSlice(at + 2 * rowStep, end - depthStep + 4);
        MemorySegment w3 = w.asSlice(at + 3 * rowStep, end - depthStep + 4);
        MemorySegment w4 = w.asSlice(at + 4 * rowStep, end - depthStep + 4);
        MemorySegment w5 = w.asSlice(at + 5 * rowStep, end - depthStep + 4);
        FloatVector a00 = load(y, 0);
        FloatVector a01 = load(y, BYTES);
        FloatVector a10 = load(y, laneBytes);
        FloatVector a11 = load(y, laneBytes + BYTES);
        FloatVector a20 = load(y, 2 * laneBytes);
        FloatVector a21 = load(y, 2 * laneBytes + BYTES);
        FloatVector a30 = load(y, 3 * laneBytes);
        FloatVector a31 = load(y, 3 * laneBytes + BYTES);
        FloatVector a40 = load(y, 4 * laneBytes);
        FloatVector a41 = load(y, 4 * laneBytes + BYTES);
        FloatVector a50 = load(y, 5 * laneBytes);
        FloatVector a51 = load(y, 5 * laneBytes + BYTES);
        long xo = 0;
        for (long k = 0; k != end; k += depthStep) {
            FloatVector x0 = load(x, xo);
            FloatVector x1 = load(x, xo + BYTES);
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
        store(a00, y, 0);
        store(a01, y, BYTES);
        store(a10, y, laneBytes);
        store(a11, y, laneBytes + BYTES);
        store(a20, y, 2 * laneBytes);
        store(a21, y, 2 * laneBytes + BYTES);
        store(a30, y, 3 * laneBytes);
        store(a31, y, 3 * laneBytes + BYTES);
        store(a40, y, 4 * laneBytes);
        store(a41, y, 4 * laneBytes + BYTES);
        store(a50, y, 5 * laneBytes);
        store(a51, y, 5 * laneBytes + BYTES);
    }

    private static void tile1(MemorySegment w, long at, long rowStep, long depthStep, long end,
            MemorySegment x, MemorySegment y, long laneBytes) {
        MemorySegment w0 = w.asSlice(at, end - depthStep + 4);
        FloatVector a00 = load(y, 0);
        FloatVector a01 = load(y, BYTES);
        long xo = 0;
        for (long k = 0; k != end; k += depthStep) {
            FloatVector x0 = load(x, xo);
            FloatVector x1 = load(x, xo + BYTES);
            FloatVector b0 = FloatVector.broadcast(S, w0.get(FLOAT, k));
            a00 = b0.fma(x0, a00);
            a01 = b0.fma(x1, a01);
            xo += laneBytes;
        }
        store(a00, y, 0);
        store(a01, y, BYTES);
    }

    private static FloatVector load(MemorySegment segment, long offset) {
        return FloatVector.fromMemorySegment(S, segment, offset, NATIVE);
    }

    private static void store(FloatVector v, MemorySegment segment, long offset) {
        v.intoMemorySegment(segment, offset, NATIVE);
    }
}
