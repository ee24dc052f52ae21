package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.FloatSweep;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.reference.ScalarActivation;
import dev.bert4j.backend.reference.ScalarMath;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions in the kernels have the bits of the scalar ones, all over their domain and at every width. */
class VectorMathTest {
    private static final int ROWS = 16;

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
