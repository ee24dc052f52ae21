package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The micro-kernels for panels of one vector, a text of a few tokens: twelve rows of accumulators. The form of the
 * loops is explained in {@link GemmPair}.
 */
final class GemmSingle implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final long BYTES = S.vectorByteSize();
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    GemmSingle() {
    }

    @Override
    public void accumulate(MemorySegment w, long rowStep, long depthStep, int rows, int depth, MemorySegment x,
            MemorySegment y, long laneBytes) {
        long end = depth * depthStep;
        int row = 0;
        for (; row + 12 <= rows; row += 12) {
            tile12(w, row * rowStep, rowStep, depthStep, end, x, y.asSlice(row * laneBytes), laneBytes);
        }
        for (; row + 4 <= rows; row += 4) {
            tile4(w, row * rowStep, rowStep, depthStep, end, x, y.asSlice(row * laneBytes), laneBytes);
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
        FloatVector a0 = load(y, 0);
        FloatVector a1 = load(y, laneBytes);
        FloatVector a2 = load(y, 2 * laneBytes);
        FloatVector a3 = load(y, 3 * laneBytes);
        FloatVector a4 = load(y, 4 * laneBytes);
        FloatVector a5 = load(y, 5 * laneBytes);
        FloatVector a6 = load(y, 6 * laneBytes);
        FloatVector a7 = load(y, 7 * laneBytes);
        FloatVector a8 = load(y, 8 * laneBytes);
        FloatVector a9 = load(y, 9 * laneBytes);
        FloatVector a10 = load(y, 10 * laneBytes);
        FloatVector a11 = load(y, 11 * laneBytes);
        long xo = 0;
        for (long k = 0; k != end; k += depthStep) {
            FloatVector x0 = load(x, xo);
            a0 = FloatVector.broadcast(S, w0.get(FLOAT, k)).fma(x0, a0);
            a1 = FloatVector.broadcast(S, w1.get(FLOAT, k)).fma(x0, a1);
            a2 = FloatVector.broadcast(S, w2.get(FLOAT, k)).fma(x0, a2);
            a3 = FloatVector.broadcast(S, w3.get(FLOAT, k)).fma(x0, a3);
            a4 = FloatVector.broadcast(S, w4.get(FLOAT, k)).fma(x0, a4);
            a5 = FloatVector.broadcast(S, w5.get(FLOAT, k)).fma(x0, a5);
            a6 = FloatVector.broadcast(S, w6.get(FLOAT, k)).fma(x0, a6);
            a7 = FloatVector.broadcast(S, w7.get(FLOAT, k)).fma(x0, a7);
            a8 = FloatVector.broadcast(S, w8.get(FLOAT, k)).fma(x0, a8);
            a9 = FloatVector.broadcast(S, w9.get(FLOAT, k)).fma(x0, a9);
            a10 = FloatVector.broadcast(S, w10.get(FLOAT, k)).fma(x0, a10);
            a11 = FloatVector.broadcast(S, w11.get(FLOAT, k)).fma(x0, a11);
            xo += laneBytes;
        }
        store(a0, y, 0);
        store(a1, y, laneBytes);
        store(a2, y, 2 * laneBytes);
        store(a3, y, 3 * laneBytes);
        store(a4, y, 4 * laneBytes);
        store(a5, y, 5 * laneBytes);
        store(a6, y, 6 * laneBytes);
        store(a7, y, 7 * laneBytes);
        store(a8, y, 8 * laneBytes);
        store(a9, y, 9 * laneBytes);
        store(a10, y, 10 * laneBytes);
        store(a11, y, 11 * laneBytes);
    }

    private static void tile4(MemorySegment w, long at, long rowStep, long depthStep, long end,
            MemorySegment x, MemorySegment y, long laneBytes) {
        MemorySegment w0 = w.asSlice(at, end - depthStep + 4);
        MemorySegment w1 = w.asSlice(at + rowStep, end - depthStep + 4);
        MemorySegment w2 = w.asSlice(at + 2 * rowStep, end - depthStep + 4);
        MemorySegment w3 = w.asSlice(at + 3 * rowStep, end - depthStep + 4);
        FloatVector a0 = load(y, 0);
        FloatVector a1 = load(y, laneBytes);
        FloatVector a2 = load(y, 2 * laneBytes);
        FloatVector a3 = load(y, 3 * laneBytes);
        long xo = 0;
        for (long k = 0; k != end; k += depthStep) {
            FloatVector x0 = load(x, xo);
            a0 = FloatVector.broadcast(S, w0.get(FLOAT, k)).fma(x0, a0);
            a1 = FloatVector.broadcast(S, w1.get(FLOAT, k)).fma(x0, a1);
            a2 = FloatVector.broadcast(S, w2.get(FLOAT, k)).fma(x0, a2);
            a3 = FloatVector.broadcast(S, w3.get(FLOAT, k)).fma(x0, a3);
            xo += laneBytes;
        }
        store(a0, y, 0);
        store(a1, y, laneBytes);
        store(a2, y, 2 * laneBytes);
        store(a3, y, 3 * laneBytes);
    }

    private static void tile1(MemorySegment w, long at, long rowStep, long depthStep, long end,
            MemorySegment x, MemorySegment y, long laneBytes) {
        MemorySegment w0 = w.asSlice(at, end - depthStep + 4);
        FloatVector a0 = load(y, 0);
        long xo = 0;
        for (long k = 0; k != end; k += depthStep) {
            FloatVector x0 = load(x, xo);
            a0 = FloatVector.broadcast(S, w0.get(FLOAT, k)).fma(x0, a0);
            xo += laneBytes;
        }
        store(a0, y, 0);
    }

    private static FloatVector load(MemorySegment segment, long offset) {
        return FloatVector.fromMemorySegment(S, segment, offset, NATIVE);
    }

    private static void store(FloatVector v, MemorySegment segment, long offset) {
        v.intoMemorySegment(segment, offset, NATIVE);
    }
}
