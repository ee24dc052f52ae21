package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The micro-kernels for panels of one vector, a text of a few tokens.
 *
 * <p>Here every weight costs an address, a bounds check, a broadcast and a single fma, so that these count. Weights in
 * file order go through a counted loop, out of which C2 takes the checks: with eight accumulators, unrolling spills
 * none of them. In the form of {@link GemmPair}, C2 keeps so many bases and bounds that it parks the loop's own
 * variable in a vector register, and the way there and back takes longer than the products. Weights that are keys
 * have a step that is no constant; they take the other form.
 */
final class GemmSingle implements Gemm {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    GemmSingle() {
    }

    @Override
    public void accumulate(MemorySegment w, long rowStep, long depthStep, int rows, int depth, MemorySegment x,
            MemorySegment y, long laneBytes) {
        long end = depth * depthStep;
        int tiles = depthStep == Float.BYTES ? rows / 8 : 0;
        for (int tile = 0; tile < tiles; tile++) {
            tile8(w, tile * rowStep, tiles * rowStep, depth, x, y, tile * laneBytes, tiles * laneBytes, laneBytes);
        }
        long row = tiles * 8L;
        for (; row + 4 <= rows; row += 4) {
            tile4(w, row * rowStep, rowStep, depthStep, end, x, y, row * laneBytes, laneBytes, laneBytes);
        }
        for (; row < rows; row++) {
            tile1(w, row * rowStep, depthStep, end, x, y, row * laneBytes, laneBytes);
        }
    }

    private static void tile8(MemorySegment w, long at, long rowStep, int depth, MemorySegment x,
            MemorySegment y, long yAt, long yStep, long laneBytes) {
        MemorySegment xs = x.asSlice(0);
        MemorySegment ys = y.asSlice(yAt);
        MemorySegment w0 = w.asSlice(at, depth * 4L);
        MemorySegment w1 = w.asSlice(at + rowStep, depth * 4L);
        MemorySegment w2 = w.asSlice(at + 2 * rowStep, depth * 4L);
        MemorySegment w3 = w.asSlice(at + 3 * rowStep, depth * 4L);
        MemorySegment w4 = w.asSlice(at + 4 * rowStep, depth * 4L);
        MemorySegment w5 = w.asSlice(at + 5 * rowStep, depth * 4L);
        MemorySegment w6 = w.asSlice(at + 6 * rowStep, depth * 4L);
        MemorySegment w7 = w.asSlice(at + 7 * rowStep, depth * 4L);
        FloatVector a0 = FloatVector.fromMemorySegment(S, ys, 0, NATIVE);
        FloatVector a1 = FloatVector.fromMemorySegment(S, ys, yStep, NATIVE);
        FloatVector a2 = FloatVector.fromMemorySegment(S, ys, 2 * yStep, NATIVE);
        FloatVector a3 = FloatVector.fromMemorySegment(S, ys, 3 * yStep, NATIVE);
        FloatVector a4 = FloatVector.fromMemorySegment(S, ys, 4 * yStep, NATIVE);
        FloatVector a5 = FloatVector.fromMemorySegment(S, ys, 5 * yStep, NATIVE);
        FloatVector a6 = FloatVector.fromMemorySegment(S, ys, 6 * yStep, NATIVE);
        FloatVector a7 = FloatVector.fromMemorySegment(S, ys, 7 * yStep, NATIVE);
        for (int k = 0; k < depth; k++) {
            FloatVector x0 = FloatVector.fromMemorySegment(S, xs, k * laneBytes, NATIVE);
            a0 = FloatVector.broadcast(S, w0.get(FLOAT, 4L * k)).fma(x0, a0);
            a1 = FloatVector.broadcast(S, w1.get(FLOAT, 4L * k)).fma(x0, a1);
            a2 = FloatVector.broadcast(S, w2.get(FLOAT, 4L * k)).fma(x0, a2);
            a3 = FloatVector.broadcast(S, w3.get(FLOAT, 4L * k)).fma(x0, a3);
            a4 = FloatVector.broadcast(S, w4.get(FLOAT, 4L * k)).fma(x0, a4);
            a5 = FloatVector.broadcast(S, w5.get(FLOAT, 4L * k)).fma(x0, a5);
            a6 = FloatVector.broadcast(S, w6.get(FLOAT, 4L * k)).fma(x0, a6);
            a7 = FloatVector.broadcast(S, w7.get(FLOAT, 4L * k)).fma(x0, a7);
        }
        a0.intoMemorySegment(ys, 0, NATIVE);
        a1.intoMemorySegment(ys, yStep, NATIVE);
        a2.intoMemorySegment(ys, 2 * yStep, NATIVE);
        a3.intoMemorySegment(ys, 3 * yStep, NATIVE);
        a4.intoMemorySegment(ys, 4 * yStep, NATIVE);
        a5.intoMemorySegment(ys, 5 * yStep, NATIVE);
        a6.intoMemorySegment(ys, 6 * yStep, NATIVE);
        a7.intoMemorySegment(ys, 7 * yStep, NATIVE);
    }

    private static void tile4(MemorySegment w, long at, long rowStep, long depthStep, long end, MemorySegment x,
            MemorySegment y, long yAt, long yStep, long laneBytes) {
        MemorySegment xs = x.asSlice(0);
        MemorySegment ys = y.asSlice(yAt);
        MemorySegment w0 = w.asSlice(at, end - depthStep + 4);
        MemorySegment w1 = w.asSlice(at + rowStep, end - depthStep + 4);
        MemorySegment w2 = w.asSlice(at + 2 * rowStep, end - depthStep + 4);
        MemorySegment w3 = w.asSlice(at + 3 * rowStep, end - depthStep + 4);
        FloatVector a0 = FloatVector.fromMemorySegment(S, ys, 0, NATIVE);
        FloatVector a1 = FloatVector.fromMemorySegment(S, ys, yStep, NATIVE);
        FloatVector a2 = FloatVector.fromMemorySegment(S, ys, 2 * yStep, NATIVE);
        FloatVector a3 = FloatVector.fromMemorySegment(S, ys, 3 * yStep, NATIVE);
        long xo = 0;
        for (long k = 0; k != end; k += depthStep) {
            FloatVector x0 = FloatVector.fromMemorySegment(S, xs, xo, NATIVE);
            a0 = FloatVector.broadcast(S, w0.get(FLOAT, k)).fma(x0, a0);
            a1 = FloatVector.broadcast(S, w1.get(FLOAT, k)).fma(x0, a1);
            a2 = FloatVector.broadcast(S, w2.get(FLOAT, k)).fma(x0, a2);
            a3 = FloatVector.broadcast(S, w3.get(FLOAT, k)).fma(x0, a3);
            xo += laneBytes;
        }
        a0.intoMemorySegment(ys, 0, NATIVE);
        a1.intoMemorySegment(ys, yStep, NATIVE);
        a2.intoMemorySegment(ys, 2 * yStep, NATIVE);
        a3.intoMemorySegment(ys, 3 * yStep, NATIVE);
    }

    private static void tile1(MemorySegment w, long at, long depthStep, long end, MemorySegment x,
            MemorySegment y, long yAt, long laneBytes) {
        MemorySegment xs = x.asSlice(0);
        MemorySegment ys = y.asSlice(yAt);
        MemorySegment w0 = w.asSlice(at, end - depthStep + 4);
        FloatVector a0 = FloatVector.fromMemorySegment(S, ys, 0, NATIVE);
        long xo = 0;
        for (long k = 0; k != end; k += depthStep) {
            FloatVector x0 = FloatVector.fromMemorySegment(S, xs, xo, NATIVE);
            a0 = FloatVector.broadcast(S, w0.get(FLOAT, k)).fma(x0, a0);
            xo += laneBytes;
        }
        a0.intoMemorySegment(ys, 0, NATIVE);
    }
}
