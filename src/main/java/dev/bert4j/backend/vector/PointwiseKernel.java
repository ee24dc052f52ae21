package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.bert4j.backend.ActivationFunction;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Pointwise} at one width.
 *
 * <p>Here and in the kernels of the other functions no loop calls a method of ours. C2 always inlines the methods of
 * the Vector API, but gives up on others after a number of nodes that forty vector operations reach; a vector that
 * crosses such a call is boxed. So the polynomial of eʳ − 1 stands in every loop that needs it.
 */
final class PointwiseKernel implements Pointwise {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final long BYTES = S.vectorByteSize();
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    PointwiseKernel() {
    }

    @Override
    public void activate(MemorySegment y, MemorySegment bias, int rows, long laneBytes, int vectors,
            ActivationFunction f) {
        long used = vectors * BYTES;
        for (int row = 0; row < rows; row++) {
            float b = bias == null ? 0 : bias.get(FLOAT, (long) row * Float.BYTES);
            // Each function has a loop of its own, so that none drags the registers of the others along.
            switch (f) {
                case LINEAR -> linear(y, row * laneBytes, used, b);
                case RELU -> relu(y, row * laneBytes, used, b);
                case RELU2 -> relu2(y, row * laneBytes, used, b);
                case RELU6 -> relu6(y, row * laneBytes, used, b);
                default -> throw new AssertionError(f);
            }
        }
    }

    @Override
    public void addResidual(MemorySegment y, MemorySegment bias, MemorySegment residual, int rows, long laneBytes,
            int vectors) {
        for (int row = 0; row < rows; row++) {
            float b = bias == null ? 0 : bias.get(FLOAT, (long) row * Float.BYTES);
            MemorySegment values = y.asSlice(row * laneBytes, vectors * BYTES);
            MemorySegment residuals = residual.asSlice(row * laneBytes, vectors * BYTES);
            for (long o = 0; o < values.byteSize(); o += BYTES) {
                FloatVector v = FloatVector.fromMemorySegment(S, values, o, NATIVE).add(b);
                v.add(FloatVector.fromMemorySegment(S, residuals, o, NATIVE)).intoMemorySegment(values, o, NATIVE);
            }
        }
    }

    private static void linear(MemorySegment y, long from, long bytes, float bias) {
        MemorySegment row = y.asSlice(from, bytes);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector.fromMemorySegment(S, row, o, NATIVE).add(bias).intoMemorySegment(row, o, NATIVE);
        }
    }

    private static void relu(MemorySegment y, long from, long bytes, float bias) {
        MemorySegment row = y.asSlice(from, bytes);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector x = FloatVector.fromMemorySegment(S, row, o, NATIVE).add(bias);
            x.blend(0f, x.compare(LT, 0f)).intoMemorySegment(row, o, NATIVE);
        }
    }

    private static void relu2(MemorySegment y, long from, long bytes, float bias) {
        MemorySegment row = y.asSlice(from, bytes);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector x = FloatVector.fromMemorySegment(S, row, o, NATIVE).add(bias);
            FloatVector positive = x.blend(0f, x.compare(LT, 0f));
            positive.mul(positive).intoMemorySegment(row, o, NATIVE);
        }
    }

    private static void relu6(MemorySegment y, long from, long bytes, float bias) {
        MemorySegment row = y.asSlice(from, bytes);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector x = FloatVector.fromMemorySegment(S, row, o, NATIVE).add(bias);
            FloatVector positive = x.blend(0f, x.compare(LT, 0f));
            positive.blend(6f, positive.compare(GT, 6f)).intoMemorySegment(row, o, NATIVE);
        }
    }
}
