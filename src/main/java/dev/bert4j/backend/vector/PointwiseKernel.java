package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;

import dev.bert4j.backend.ActivationFunction;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link Pointwise} at one width. */
final class PointwiseKernel implements Pointwise {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final long BYTES = S.vectorByteSize();
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    PointwiseKernel() {
    }

    @Override
    public void activate(MemorySegment y, MemorySegment bias, int rows, long laneBytes, int vectors,
            ActivationFunction f) {
        for (int row = 0; row < rows; row++) {
            FloatVector b = bias(bias, row);
            MemorySegment values = y.asSlice(row * laneBytes, vectors * BYTES);
            // Each function has a loop of its own, so that none drags the registers of the others along.
            switch (f) {
                case LINEAR -> linear(values, b);
                case GELU -> gelu(values, b);
                case RELU -> relu(values, b);
                case TANH -> tanh(values, b);
            }
        }
    }

    @Override
    public void addResidual(MemorySegment y, MemorySegment bias, MemorySegment residual, int rows, long laneBytes,
            int vectors) {
        for (int row = 0; row < rows; row++) {
            FloatVector b = bias(bias, row);
            MemorySegment values = y.asSlice(row * laneBytes, vectors * BYTES);
            MemorySegment residuals = residual.asSlice(row * laneBytes, vectors * BYTES);
            for (long o = 0; o < values.byteSize(); o += BYTES) {
                store(load(values, o).add(b).add(load(residuals, o)), values, o);
            }
        }
    }

    private static FloatVector bias(MemorySegment bias, int row) {
        return FloatVector.broadcast(S, bias == null ? 0 : bias.get(FLOAT, (long) row * Float.BYTES));
    }

    private static void linear(MemorySegment y, FloatVector bias) {
        for (long o = 0; o < y.byteSize(); o += BYTES) {
            store(load(y, o).add(bias), y, o);
        }
    }

    private static void gelu(MemorySegment y, FloatVector bias) {
        for (long o = 0; o < y.byteSize(); o += BYTES) {
            store(VectorMath.gelu(load(y, o).add(bias)), y, o);
        }
    }

    private static void relu(MemorySegment y, FloatVector bias) {
        for (long o = 0; o < y.byteSize(); o += BYTES) {
            FloatVector v = load(y, o).add(bias);
            store(v.blend(0f, v.compare(VectorOperators.LT, 0f)), y, o);
        }
    }

    private static void tanh(MemorySegment y, FloatVector bias) {
        for (long o = 0; o < y.byteSize(); o += BYTES) {
            store(VectorMath.tanh(load(y, o).add(bias)), y, o);
        }
    }

    private static FloatVector load(MemorySegment segment, long offset) {
        return FloatVector.fromMemorySegment(S, segment, offset, NATIVE);
    }

    private static void store(FloatVector v, MemorySegment segment, long offset) {
        v.intoMemorySegment(segment, offset, NATIVE);
    }
}
