package dev.bert4j.backend.reference;

import static dev.bert4j.backend.reference.NormalPieces.PIECES_END;
import static dev.bert4j.backend.reference.ScalarMath.LOG2_E;
import static dev.bert4j.backend.reference.ScalarMath.ROUND_64;
import static dev.bert4j.backend.reference.ScalarMath.TWO_TO_MINUS_64;

/**
 * The activations that are made of the normal distribution Φ. This scalar form is the definition of their bits.
 *
 * <p>They are made of the lower tail Φ(−a), a ≥ 0, which keeps its relative precision where 1 + erf would have
 * cancelled; the upper half follows by symmetry. GELU has it from {@link NormalPieces} where these are defined. Beyond,
 * and in laplace, it is e^(−a²/2) times a smooth function, which is carried as the sum of two floats up to the last
 * addition. Its coefficients are a minimax fit, rounded to float from the highest down, each time with the lower ones
 * fitted again.
 */
public final class ScalarNormal {
    /** (4 + a)·Φ(−a)·e^(a²/2) as a polynomial in t = (a − 4)/(a + 4) for 0 ≤ a ≤ 14.6, relative error below 2⁻²⁶. */
    public static final float G0 = 0.75528514f;
    /** What G0 lacks. */
    public static final float G0_LOW = -8.4951157e-9f;
    /** Coefficient of t. */
    public static final float G1 = -0.60789657f;
    /** What G1 lacks. */
    public static final float G1_LOW = -2.2436216e-8f;
    /** Coefficient of t². */
    public static final float G2 = 0.3871369f;
    /** Coefficient of t³. */
    public static final float G3 = -0.18652348f;
    /** Coefficient of t⁴. */
    public static final float G4 = 0.060403757f;
    /** Coefficient of t⁵. */
    public static final float G5 = -0.007524995f;
    /** Coefficient of t⁶. */
    public static final float G6 = -0.003512045f;
    /** Coefficient of t⁷. */
    public static final float G7 = 0.0015695873f;
    /** Coefficient of t⁸. */
    public static final float G8 = 0.0001783227f;
    /** Coefficient of t⁹. */
    public static final float G9 = -0.00013246028f;

    /** From here on x·Φ(−x) is below half of the smallest float. */
    public static final float GELU_MAX = 14.6f;
    /** Where gelu_10 is cut. */
    public static final float CLIP = 10;

    /** The mean of laplace, 0.707107. */
    public static final float MEAN = (float) 0.707107;
    /** What MEAN lacks. */
    public static final float MEAN_LOW = (float) (0.707107 - MEAN);
    /** 1 / 0.282095, the reciprocal of laplace's deviation. */
    public static final float INVERSE_DEVIATION = (float) (1 / 0.282095);
    /** What INVERSE_DEVIATION lacks. */
    public static final float INVERSE_DEVIATION_LOW = (float) (1 / 0.282095 - INVERSE_DEVIATION);
    /** Below it laplace is less than half of the smallest float. */
    public static final float LAPLACE_MIN = -3.6f;
    /** Above it laplace is 1 in float. */
    public static final float LAPLACE_MAX = 5;

    private ScalarNormal() {
    }

    /** The polynomial from its highest coefficient down to that of t². */
    private static float upperTerms(float t) {
        float p = Math.fma(G9, t, G8);
        p = Math.fma(p, t, G7);
        p = Math.fma(p, t, G6);
        p = Math.fma(p, t, G5);
        p = Math.fma(p, t, G4);
        p = Math.fma(p, t, G3);
        return Math.fma(p, t, G2);
    }

    /**
     * x·Φ(x), within 2 ulp (over all floats 1.85 at most). −0 and what is too small below 0 give −0, −∞ gives NaN as
     * the reference's formula does.
     *
     * <p>With the tail g(a) = a·Φ(−a) for a = |x|, it is max(x, 0) − g. Φ(−a) is taken from {@link NormalPieces} up to
     * 5, which few values exceed.
     */
    public static float gelu(float x) {
        float a = Math.abs(x);
        return a < PIECES_END ? Math.fma(-a, NormalPieces.lowerTail(a), ScalarMath.upper(x)) : farGelu(x);
    }

    /** The same for any x, by e^(−a²/2). */
    private static float farGelu(float x) {
        float magnitude = Math.abs(x);
        float a = magnitude > GELU_MAX ? GELU_MAX : magnitude;
        float square = a * a;
        float half = square * -0.5f;
        float shifted = Math.fma(half, LOG2_E, ROUND_64);
        float r = ScalarMath.reduce(half, Math.fma(a, a, -square) * -0.5f, shifted - ROUND_64);
        float q = ScalarMath.expm1Reduced(r);
        // w = a / (a + 4) and t = 2·w − 1, with what their roundings lost.
        float d = a + 4;
        float dLow = a - (d - 4);
        float inverse = 1 / d;
        float w = a * inverse;
        float wLow = Math.fma(-w, dLow, Math.fma(-w, d, a)) * inverse;
        float t = Math.fma(w, 2, -1);
        float tLow = Math.fma(wLow, 2, Math.fma(w, 2, -1 - t));
        float p = Math.fma(upperTerms(t), t, G1);
        float g = Math.fma(p, t, G0);
        float gLow = Math.fma(p, tLow, Math.fma(p, t, G0 - g) + Math.fma(t, G1_LOW, G0_LOW));
        float f = w * g;
        float fLow = Math.fma(wLow, g, Math.fma(w, gLow, Math.fma(w, g, -f)));
        float e = Math.fma(f, q, Math.fma(fLow, q, fLow)) + f;
        float tail = e * ScalarMath.powerOfTwo(shifted) * TWO_TO_MINUS_64;
        return ScalarMath.upper(x) - tail;
    }

    /** {@link #gelu} cut at 10; its least value is far above −10, where the reference cuts it, too. */
    public static float gelu10(float x) {
        float y = gelu(x);
        return y > CLIP ? CLIP : y;
    }

    /**
     * ½·(1 + erf((x − 0.707107) / (0.282095·√2))) = Φ((x − 0.707107) / 0.282095), within 2 ulp (over all floats
     * 1.65 at most).
     */
    public static float laplace(float x) {
        float below = x > LAPLACE_MAX ? LAPLACE_MAX : x;
        float capped = below < LAPLACE_MIN ? LAPLACE_MIN : below;
        float distance = capped - MEAN;
        float back = distance - capped;
        float distanceLow = ((capped - (distance - back)) - (MEAN + back)) - MEAN_LOW;
        float z = distance * INVERSE_DEVIATION;
        float zLow = Math.fma(distanceLow, INVERSE_DEVIATION,
                Math.fma(distance, INVERSE_DEVIATION_LOW, Math.fma(distance, INVERSE_DEVIATION, -z)));
        float a = Math.abs(z);
        float aLow = z < 0 ? -zLow : zLow;
        float square = a * a;
        float squareLow = Math.fma(a + a, aLow, Math.fma(a, a, -square));
        float half = square * -0.5f;
        float shifted = Math.fma(half, LOG2_E, ROUND_64);
        float q = ScalarMath.expm1Reduced(ScalarMath.reduce(half, squareLow * -0.5f, shifted - ROUND_64));
        // 1 / (a + 4) and t = 1 − 8 / (a + 4), with what their roundings lost.
        float d = a + 4;
        float dLow = (a - (d - 4)) + aLow;
        float inverse = 1 / d;
        float inverseLow = Math.fma(-inverse, dLow, Math.fma(-inverse, d, 1)) * inverse;
        float t = Math.fma(inverse, -8, 1);
        float tLow = Math.fma(inverseLow, -8, Math.fma(inverse, -8, 1 - t));
        float p2 = upperTerms(t);
        float p1 = Math.fma(p2, t, G1);
        float p1Low = Math.fma(p2, tLow, Math.fma(p2, t, G1 - p1) + G1_LOW);
        float g = Math.fma(p1, t, G0);
        float gLow = Math.fma(p1, tLow, Math.fma(p1Low, t, Math.fma(p1, t, G0 - g) + G0_LOW));
        float f = inverse * g;
        float fLow = Math.fma(inverseLow, g, Math.fma(inverse, gLow, Math.fma(inverse, g, -f)));
        float e = Math.fma(f, q, Math.fma(fLow, q, fLow)) + f;
        float tail = e * ScalarMath.powerOfTwo(shifted) * TWO_TO_MINUS_64;
        return z < 0 ? tail : 1 - tail;
    }
}
