package dev.bert4j.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.FloatSweep;
import dev.bert4j.backend.NativeCpu;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.nativecpu.FloatKernels;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.backend.reference.ScalarActivation;
import dev.bert4j.backend.reference.ScalarLogistic;
import dev.bert4j.backend.reference.ScalarMath;
import dev.bert4j.backend.reference.ScalarNormal;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions in the kernels have the bits of the scalar ones, all over their domain and at every width. */
class VectorMathTest {
    private static final int ROWS = 16;
    private static final float[] SPECIAL = {0, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 5, -5};

    @FunctionalInterface
    private interface Scalar {
        float apply(float x);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void exp(int bits) {
        Kernels kernels = Kernels.of(bits);
        int lanes = bits / Float.SIZE;
        int state = ROWS * lanes;
        compare(bits, true, ScalarMath::exp, rows -> {
            // With a running maximum of 0, which no value exceeds, a block is replaced by the exponentials themselves.
            Arrays.fill(rows, state, rows.length, 0);
            kernels.softmax().block(rows, 0, ROWS, lanes, 1, state);
        });
    }

    @ParameterizedTest
    @EnumSource(ActivationFunction.class)
    void activation(ActivationFunction f) {
        for (int bits : Widths.BITS) {
            ActivationKernel kernel = Kernels.of(bits).activation(f);
            compare(bits, false, x -> ScalarActivation.apply(f, x),
                    rows -> kernel.activate(new Floats(rows), 0, bits / Float.SIZE, ROWS, 1, null, 0, f));
        }
    }

    /** In C: eight lanes, sixteen, and those that do not fill vectors of sixteen. */
    @ParameterizedTest
    @ValueSource(ints = {8, 16, 24})
    void nativeActivation(int lanes) {
        NativeCpu.require();
        FloatKernels floats = NativeKernels.get().floats();
        compare(lanes * Float.SIZE, false, ScalarNormal::gelu, rows -> floats.gelu(MemorySegment.ofArray(rows), 0,
                lanes, ROWS, lanes, null, 0));
        compare(lanes * Float.SIZE, false, ScalarLogistic::tanh, rows -> floats.tanh(MemorySegment.ofArray(rows), 0,
                lanes, ROWS, lanes, null, 0));
    }

    /** Values that a table serves, beside others in one vector. */
    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void geluOfNearAndFar(int bits) {
        int lanes = bits / Float.SIZE;
        var random = new Random(bits);
        float[] rows = new float[ROWS * lanes];
        for (int turn = 0; turn < 2000; turn++) {
            for (int i = 0; i < rows.length; i++) {
                rows[i] = switch (random.nextInt(64)) {
                    case 0 -> Float.intBitsToFloat(random.nextInt());
                    case 1 -> SPECIAL[random.nextInt(SPECIAL.length)];
                    case 2, 3, 4 -> random.nextFloat(-20, 20);
                    default -> random.nextFloat(-5, 5);
                };
            }
            // A bias of −0 leaves the sign of a zero.
            float bias = turn % 2 == 0 ? -0f : random.nextFloat(-1, 1);
            float[] expected = new float[rows.length];
            for (int i = 0; i < rows.length; i++) {
                expected[i] = ScalarNormal.gelu(rows[i] + bias);
            }
            float[] biases = new float[ROWS];
            Arrays.fill(biases, bias);
            Kernels.of(bits).activation(ActivationFunction.GELU).activate(new Floats(rows), 0, lanes, ROWS, 1,
                    new Floats(biases), 0, ActivationFunction.GELU);
            assertArrayEquals(expected, rows);
        }
    }

    private static void compare(int bits, boolean negative, Scalar scalar, Consumer<float[]> vector) {
        int block = ROWS * bits / Float.SIZE;
        // Room for the state of a softmax behind them.
        float[] rows = new float[block + Softmax.STATE_ROWS * bits / Float.SIZE];
        float[] expected = new float[FloatSweep.CHUNK];
        FloatSweep.run(negative, values -> {
            float first = values[0];
            for (int i = 0; i < values.length; i++) {
                // A bias of nothing is added as +0, which takes the sign off −0.
                expected[i] = scalar.apply(negative ? values[i] : values[i] + 0f);
            }
            for (int from = 0; from < values.length; from += block) {
                int count = Math.min(block, values.length - from);
                System.arraycopy(values, from, rows, 0, count);
                vector.accept(rows);
                System.arraycopy(rows, 0, values, from, count);
            }
            Widths.assertSameBits(expected, values, bits + " bits from " + first);
        });
    }
}
