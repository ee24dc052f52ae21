package dev.bert4j.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.FloatSweep;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/** Measures a function of floats against the truth in float64, in units of the last place of the truth as a float. */
final class Ulps {
    private Ulps() {
    }

    @FunctionalInterface
    interface Scalar {
        float apply(float x);
    }

    /**
     * Fails if the function is more than {@code bound} ulp off anywhere in the sweep; where the truth is no normal
     * float an ulp is the smallest float. Infinite, not a number and zero must be met exactly, with the sign.
     */
    static void assertWithin(double bound, String name, boolean negative, Scalar scalar, DoubleUnaryOperator truth) {
        double[] worst = new double[4];
        FloatSweep.run(negative, values -> {
            for (float x : values) {
                double expected = truth.applyAsDouble(x);
                float actual = scalar.apply(x);
                if (Double.isNaN(expected) || Float.isInfinite((float) expected) || expected == 0) {
                    assertEquals((float) expected, actual, () -> name + " of " + x);
                    continue;
                }
                assertTrue(Math.copySign(1, expected) == Math.copySign(1, actual),
                        () -> "sign of " + name + " of " + x);
                double ulps = Math.abs(actual - expected) / Math.ulp((float) expected);
                int at = Math.abs(expected) >= Float.MIN_NORMAL ? 0 : 2;
                if (!(ulps <= worst[at])) {
                    worst[at] = ulps;
                    worst[at + 1] = x;
                }
            }
        });
        System.out.printf(Locale.ROOT, "%s: at most %.3f ulp, at %.9g; below the normal floats %.3f, at %.9g%n", name,
                worst[0], worst[1], worst[2], worst[3]);
        assertTrue(worst[0] <= bound, () -> name + " is " + worst[0] + " ulp off at " + worst[1]);
        assertTrue(worst[2] <= bound, () -> name + " is " + worst[2] + " smallest floats off at " + worst[3]);
    }
}
