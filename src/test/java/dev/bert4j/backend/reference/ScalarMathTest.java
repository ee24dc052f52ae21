package dev.bert4j.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.FloatSweep;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** How far the functions are from the truth, computed in float64 by other means, over all of their domain. */
class ScalarMathTest {
    @FunctionalInterface
    private interface Scalar {
        float apply(float x);
    }

    @Test
    void expIsWithinItsBound() {
        // Below it the results are no normal floats, and 0 by definition.
        worst("exp", true, ScalarMath::exp, x -> x < ScalarMath.EXP_MIN ? 0 : StrictMath.exp(x), 1.0);
    }

    @Test
    void tanhIsWithinItsBound() {
        worst("tanh", false, ScalarMath::tanh, StrictMath::tanh, 2.5);
    }

    @Test
    void geluIsWithinItsBoundWhereItIsANormalFloat() {
        worst("gelu", false, ScalarMath::gelu, ScalarMathTest::gelu, 6.0);
    }

    private static double gelu(double x) {
        return x == Double.NEGATIVE_INFINITY ? 0 : x * Normal.cdf(x);
    }

    /** Compares with the truth, separately where that is no normal float. */
    private static void worst(String name, boolean negative, Scalar scalar, DoubleUnaryOperator truth, double bound) {
        double[] worst = {0, 0, 0};
        FloatSweep.run(negative, values -> {
            for (float x : values) {
                double expected = truth.applyAsDouble(x);
                double actual = scalar.apply(x);
                if (Double.isNaN(expected) || Double.isInfinite(expected) || expected == 0) {
                    assertEquals(expected + 0.0, actual + 0.0, () -> name + " of " + x);
                    continue;
                }
                double ulps = Math.abs(actual - expected) / Math.ulp((float) expected);
                boolean normal = Math.abs(expected) >= Float.MIN_NORMAL;
                if (ulps > worst[normal ? 0 : 2]) {
                    worst[normal ? 0 : 2] = ulps;
                    worst[1] = normal ? x : worst[1];
                }
            }
        });
        System.out.printf(Locale.ROOT, "%s: at most %.3f ulp, at %.9g; among denormal results %.3f%n", name, worst[0],
                worst[1], worst[2]);
        assertTrue(worst[0] <= bound, name + " is " + worst[0] + " ulp off at " + worst[1]);
        assertTrue(worst[2] <= 3, name + " is off by " + worst[2] + " of the smallest floats among denormal results");
    }

    @Test
    void limitsAndSigns() {
        assertEquals(1f, ScalarMath.exp(0f));
        assertEquals(1f, ScalarMath.exp(-0f));
        assertEquals(0f, ScalarMath.exp(Float.NEGATIVE_INFINITY));
        assertEquals(0f, ScalarMath.exp(-Float.MAX_VALUE));
        assertEquals(1f, ScalarMath.tanh(Float.POSITIVE_INFINITY));
        assertEquals(-1f, ScalarMath.tanh(-9.1f));
        assertEquals(-0f, ScalarMath.tanh(-0f));
        assertEquals(Float.POSITIVE_INFINITY, ScalarMath.gelu(Float.POSITIVE_INFINITY));
        assertEquals(0f, ScalarMath.gelu(Float.NEGATIVE_INFINITY));
        assertEquals(-0f, ScalarMath.gelu(-0f));
        assertEquals(Float.MAX_VALUE, ScalarMath.gelu(Float.MAX_VALUE));
        assertTrue(Float.isNaN(ScalarMath.exp(Float.NaN)));
        assertTrue(Float.isNaN(ScalarMath.tanh(Float.NaN)));
        assertTrue(Float.isNaN(ScalarMath.gelu(Float.NaN)));
    }

    @Test
    void tanhIsOddAndNeverAboveOne() {
        FloatSweep.run(true, values -> {
            for (float x : values) {
                float t = ScalarMath.tanh(x);
                if (!Float.isNaN(x)) {
                    assertTrue(t >= -1 && t <= 0 && -t == ScalarMath.tanh(-x), () -> "tanh of " + x);
                }
            }
        });
    }

    @Test
    void neitherExpNorGeluOfLargeValuesLeavesItsRange() {
        FloatSweep.run(true, values -> {
            for (float x : values) {
                if (!Float.isNaN(x)) {
                    float e = ScalarMath.exp(x);
                    float g = ScalarMath.gelu(x);
                    // The minimum of GELU is −0.16997; a probability above 1 would be a softmax gone wrong.
                    assertTrue(e >= 0 && e <= 1 && g <= 0 && g > -0.17f, () -> "exp or gelu of " + x);
                }
            }
        });
    }
}
