package dev.bert4j.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.FloatSweep;
import org.junit.jupiter.api.Test;

/** How far exp is from the truth, computed in float64 by other means, over all of its domain. */
class ScalarMathTest {

    @Test
    void expIsWithinItsBound() {
        // Below it the results are no normal floats, and 0 by definition.
        Ulps.assertWithin(1, "exp", true, ScalarMath::exp, x -> x < ScalarMath.EXP_MIN ? 0 : StrictMath.exp(x));
    }

    @Test
    void limits() {
        assertEquals(1f, ScalarMath.exp(0f));
        assertEquals(1f, ScalarMath.exp(-0f));
        assertEquals(0f, ScalarMath.exp(Float.NEGATIVE_INFINITY));
        assertEquals(0f, ScalarMath.exp(-Float.MAX_VALUE));
        assertTrue(Float.isNaN(ScalarMath.exp(Float.NaN)));
    }

    @Test
    void neverAboveOne() {
        // A probability above 1 would be a softmax gone wrong.
        FloatSweep.run(true, values -> {
            for (float x : values) {
                float e = ScalarMath.exp(x);
                assertTrue(Float.isNaN(x) || e >= 0 && e <= 1, () -> "exp of " + x);
            }
        });
    }
}
