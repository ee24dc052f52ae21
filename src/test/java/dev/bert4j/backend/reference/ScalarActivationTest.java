package dev.bert4j.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.FloatSweep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How far the activations are from the reference's formulas in float64, all over the floats. */
class ScalarActivationTest {

    @ParameterizedTest
    @EnumSource(ActivationFunction.class)
    void isWithinTwoUlp(ActivationFunction f) {
        Ulps.assertWithin(2, f.name(), false, x -> ScalarActivation.apply(f, x), x -> truth(f, x));
    }

    /** The reference's formula, written so that nothing cancels. */
    private static double truth(ActivationFunction f, double x) {
        return switch (f) {
            case LINEAR -> x;
            case GELU -> x * Normal.cdf(x);
            case GELU_10 -> Math.min(x * Normal.cdf(x), 10);
            case GELU_NEW, GELU_ACCURATE, GELU_PYTORCH_TANH -> tanhGelu(x, Math.sqrt(2 / Math.PI));
            case GELU_FAST -> tanhGelu(x, 0.7978845608);
            case QUICK_GELU -> x / (1 + StrictMath.exp(-1.702 * x));
            case RELU -> x < 0 ? 0 : x;
            case RELU2 -> x < 0 ? 0 : x * x;
            case RELU6 -> x < 0 ? 0 : Math.min(x, 6);
            case SILU -> x / (1 + StrictMath.exp(-x));
            case MISH -> mish(x);
            case TANH -> StrictMath.tanh(x);
            case SIGMOID -> 1 / (1 + StrictMath.exp(-x));
            case LAPLACE -> Normal.cdf((x - 0.707107) / 0.282095);
        };
    }

    /** {@code ½·x·(1 + tanh(z)) = x / (1 + e^(−2z))}. */
    private static double tanhGelu(double x, double factor) {
        return x / (1 + StrictMath.exp(-2 * factor * (x + 0.044715 * x * x * x)));
    }

    /** {@code tanh(ln(1 + w)) = (w² + 2w) / (w² + 2w + 2)}, which is 1 long before w² overflows. */
    private static double mish(double x) {
        double w = StrictMath.exp(x);
        double n = w * (w + 2);
        return x > 40 ? x : x * (n / (n + 2));
    }

    @Test
    void atTheEnds() {
        for (ActivationFunction f : ActivationFunction.values()) {
            float low = ScalarActivation.apply(f, Float.NEGATIVE_INFINITY);
            float high = ScalarActivation.apply(f, Float.POSITIVE_INFINITY);
            assertTrue(Float.isNaN(ScalarActivation.apply(f, Float.NaN)), f + " of NaN");
            switch (f) {
                case LINEAR -> assertEquals(Float.NEGATIVE_INFINITY, low);
                case TANH -> assertEquals(-1f, low);
                case RELU, RELU2, RELU6, SIGMOID, LAPLACE -> assertEquals(0f, low);
                // The formula multiplies −∞ by 0.
                default -> assertTrue(Float.isNaN(low), f + " of −∞ is " + low);
            }
            assertEquals(switch (f) {
                case TANH, SIGMOID, LAPLACE -> 1;
                case RELU6 -> 6;
                case GELU_10 -> 10;
                default -> Float.POSITIVE_INFINITY;
            }, high, f + " of ∞");
            assertEquals(switch (f) {
                case SIGMOID -> 0.5f;
                case LAPLACE -> ScalarActivation.apply(f, 0f);
                case RELU2 -> 0;
                default -> -0f;
            }, ScalarActivation.apply(f, -0f), f + " of −0");
        }
    }

    @Test
    void tanhIsOddAndNeverAboveOne() {
        FloatSweep.run(true, values -> {
            for (float x : values) {
                float t = ScalarLogistic.tanh(x);
                assertTrue(Float.isNaN(x) || t >= -1 && t <= 0 && -t == ScalarLogistic.tanh(-x), () -> "tanh of " + x);
            }
        });
    }

    @Test
    void geluKeepsToItsRange() {
        FloatSweep.run(true, values -> {
            for (float x : values) {
                float g = ScalarNormal.gelu(x);
                // Its minimum is −0.16997.
                assertTrue(Float.isNaN(g) || g <= 0 && g > -0.17f, () -> "gelu of " + x);
            }
        });
    }
}
