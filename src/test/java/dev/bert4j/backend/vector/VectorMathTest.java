package dev.bert4j.backend.vector;

import dev.bert4j.backend.FloatSweep;
import dev.bert4j.backend.reference.ScalarMath;
import java.lang.invoke.MethodHandles;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions in vectors have the bits of the scalar ones, all over their domain and at every width. */
class VectorMathTest {
    @FunctionalInterface
    private interface Scalar {
        float apply(float x);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void exp(int bits) {
        compare(bits, true, ScalarMath::exp, Functions::exp);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void tanh(int bits) {
        compare(bits, false, ScalarMath::tanh, Functions::tanh);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void gelu(int bits) {
        compare(bits, false, ScalarMath::gelu, Functions::gelu);
    }

    private static void compare(int bits, boolean negative, Scalar scalar, BiConsumer<Functions, float[]> vector) {
        Functions functions = Width.define(MethodHandles.lookup(), FunctionsKernel.class, Functions.class, bits);
        float[] expected = new float[FloatSweep.CHUNK];
        FloatSweep.run(negative, values -> {
            for (int i = 0; i < values.length; i++) {
                expected[i] = scalar.apply(values[i]);
            }
            float first = values[0];
            vector.accept(functions, values);
            Widths.assertSameBits(expected, values, bits + " bits from " + first);
        });
    }
}
