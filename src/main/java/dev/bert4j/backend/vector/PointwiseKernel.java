package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.CpuParameter.FLOAT;
import static dev.bert4j.backend.reference.ScalarMath.*;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.reference.ScalarMath;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Pointwise} at one width. The functions are those of {@link ScalarMath}, step for step.
 *
 * <p>No loop calls a method of ours. C2 always inlines the methods of the Vector API, but gives up on others after a
 * number of nodes that forty vector operations reach; a vector that crosses such a call is boxed. So the polynomial of
 * eʳ − 1 stands in every loop that needs it.
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
                case GELU -> gelu(y, row * laneBytes, used, b);
                case RELU -> relu(y, row * laneBytes, used, b);
                case TANH -> tanh(y, row * laneBytes, used, b);
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

    private static void gelu(MemorySegment y, long from, long bytes, float bias) {
        MemorySegment row = y.asSlice(from, bytes);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector x = FloatVector.fromMemorySegment(S, row, o, NATIVE).add(bias);
            FloatVector a = x.lanewise(ABS);
            FloatVector square = a.mul(a);
            FloatVector squareError = a.fma(a, square.neg());
            FloatVector half = square.mul(-0.5f);
            FloatVector shifted = half.lanewise(FMA, LOG2_E, ROUND_24);
            FloatVector n = shifted.sub(ROUND_24);
            FloatVector rest = n.lanewise(FMA, -LN2_LOW, n.lanewise(FMA, -LN2_HIGH, half));
            FloatVector r = squareError.lanewise(FMA, -0.5f, rest);
            FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
            q = q.lanewise(FMA, r, E3);
            q = q.lanewise(FMA, r, E2);
            q = q.lanewise(FMA, r, E1);
            q = q.lanewise(FMA, r, E0);
            q = r.mul(r).fma(q, r);
            FloatVector inverse = a.broadcast(1).div(a.add(4));
            FloatVector t = a.sub(4).mul(inverse);
            FloatVector p = t.lanewise(FMA, G9, t.broadcast(G8));
            p = p.lanewise(FMA, t, G7);
            p = p.lanewise(FMA, t, G6);
            p = p.lanewise(FMA, t, G5);
            p = p.lanewise(FMA, t, G4);
            p = p.lanewise(FMA, t, G3);
            p = p.lanewise(FMA, t, G2);
            p = p.lanewise(FMA, t, G1);
            p = p.lanewise(FMA, t, G0);
            FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats();
            FloatVector scaled = p.fma(q, p).mul(a.mul(inverse)).mul(power).mul(TWO_TO_MINUS_24);
            FloatVector tail = scaled.blend(0f, a.compare(GT, GELU_MAX));
            x.blend(0f, x.compare(LT, 0f)).sub(tail).intoMemorySegment(row, o, NATIVE);
        }
    }

    private static void tanh(MemorySegment y, long from, long bytes, float bias) {
        MemorySegment row = y.asSlice(from, bytes);
        for (long o = 0; o < bytes; o += BYTES) {
            FloatVector x = FloatVector.fromMemorySegment(S, row, o, NATIVE).add(bias);
            FloatVector a = x.lanewise(ABS);
            FloatVector capped = a.blend(TANH_MAX, a.compare(GT, TANH_MAX));
            FloatVector twice = capped.add(capped);
            FloatVector shifted = twice.lanewise(FMA, LOG2_E, ROUND);
            FloatVector n = shifted.sub(ROUND);
            FloatVector r = n.lanewise(FMA, -LN2_LOW, n.lanewise(FMA, -LN2_HIGH, twice));
            FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
            q = q.lanewise(FMA, r, E3);
            q = q.lanewise(FMA, r, E2);
            q = q.lanewise(FMA, r, E1);
            q = q.lanewise(FMA, r, E0);
            q = r.mul(r).fma(q, r);
            FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats();
            FloatVector expm1 = power.fma(q, power.sub(1));
            FloatVector t = expm1.div(expm1.add(2));
            t.reinterpretAsInts().or(x.reinterpretAsInts().and(Integer.MIN_VALUE)).reinterpretAsFloats()
                    .intoMemorySegment(row, o, NATIVE);
        }
    }
}
