package dev.bert4j.backend.reference;

/**
 * The elementary functions of the forward pass, built from fused multiply-adds and exactly rounded operations alone, so
 * that every backend can compute the same bits. This scalar form is the definition.
 *
 * <p>The coefficients are minimax fits by the Remez algorithm, rounded to float.
 */
public final class ScalarMath {
    /** 1 / ln 2. */
    public static final float LOG2_E = 1.44269504f;
    /** ln 2 in two parts, the first with so few bits that its product with a small integer is exact. */
    public static final float LN2_HIGH = 0.693359375f;
    /** The second part of ln 2. */
    public static final float LN2_LOW = -2.12194440e-4f;
    /** Adding it rounds to an integer, which is then found in the low bits: 1.5·2²³. */
    public static final float ROUND = 12582912f;
    /** {@link #ROUND} + 24: the integer found in the low bits is 24 too high, which leaves room below the exponent. */
    public static final float ROUND_24 = 12582936f;
    /** The bits of 1f: an exponent of zero, biased. */
    public static final int ONE_BITS = 127 << 23;
    /** 2⁻²⁴, to take those 24 off again. */
    public static final float TWO_TO_MINUS_24 = 0x1p-24f;

    /** (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2, relative error of eʳ − 1 below 2⁻³¹. */
    public static final float E0 = 0.500000004924f;
    /** Coefficient of r. */
    public static final float E1 = 0.166666668262f;
    /** Coefficient of r². */
    public static final float E2 = 0.0416663421282f;
    /** Coefficient of r³. */
    public static final float E3 = 0.00833327062495f;
    /** Coefficient of r⁴. */
    public static final float E4 = 0.00139420460468f;
    /** Coefficient of r⁵. */
    public static final float E5 = 0.000199156225734f;

    /** Below it eˣ is below the smallest normal float. */
    public static final float EXP_MIN = -87.33654f;
    /** Above it tanh is 1 in float. */
    public static final float TANH_MAX = 9.1f;
    /** Above it x·Φ(−x) is at most the smallest float, and taken for zero. */
    public static final float GELU_MAX = 14.3f;

    /** (4 + a)·Φ(−a)·e^(a²/2) as a polynomial in t = (a − 4)/(a + 4) for 0 ≤ a ≤ 14.5, relative error below 2⁻²⁶. */
    public static final float G0 = 0.75528514f;
    /** Coefficient of t. */
    public static final float G1 = -0.60789657f;
    /** Coefficient of t². */
    public static final float G2 = 0.3871369f;
    /** Coefficient of t³. */
    public static final float G3 = -0.18652344f;
    /** Coefficient of t⁴. */
    public static final float G4 = 0.06040383f;
    /** Coefficient of t⁵. */
    public static final float G5 = -0.0075252713f;
    /** Coefficient of t⁶. */
    public static final float G6 = -0.003512554f;
    /** Coefficient of t⁷. */
    public static final float G7 = 0.0015699234f;
    /** Coefficient of t⁸. */
    public static final float G8 = 0.0001793544f;
    /** Coefficient of t⁹. */
    public static final float G9 = -0.00013197167f;

    private ScalarMath() {
    }

    /** eʳ − 1 for |r| ≤ ln 2 / 2. */
    private static float expm1Reduced(float r) {
        float p = Math.fma(E5, r, E4);
        p = Math.fma(p, r, E3);
        p = Math.fma(p, r, E2);
        p = Math.fma(p, r, E1);
        p = Math.fma(p, r, E0);
        return Math.fma(r * r, p, r);
    }

    /** The rest of x after n·ln 2 has been taken off. */
    private static float reduce(float x, float n) {
        return Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    }

    /** 2ⁿ, n being the integer in the low bits of a number that was rounded by adding {@link #ROUND}. */
    private static float powerOfTwo(float shifted) {
        return Float.intBitsToFloat((Float.floatToRawIntBits(shifted) << 23) + ONE_BITS);
    }

    /**
     * eˣ for x ≤ 0, within 1 ulp (over all floats 0.988 at most); 0 where the result would be below the smallest
     * normal float.
     */
    public static float exp(float x) {
        float shifted = Math.fma(x, LOG2_E, ROUND);
        float r = reduce(x, shifted - ROUND);
        float e = (1 + expm1Reduced(r)) * powerOfTwo(shifted);
        return x < EXP_MIN ? 0 : e;
    }

    /**
     * The hyperbolic tangent, (e²ᵃ − 1) / (e²ᵃ + 1) for a = |x|, within 2.5 ulp (over all floats 2.42 at most).
     */
    public static float tanh(float x) {
        float a = Math.abs(x);
        float capped = a > TANH_MAX ? TANH_MAX : a;
        float y = capped + capped;
        float shifted = Math.fma(y, LOG2_E, ROUND);
        float q = expm1Reduced(reduce(y, shifted - ROUND));
        float power = powerOfTwo(shifted);
        float expm1 = Math.fma(power, q, power - 1);
        float t = expm1 / (expm1 + 2);
        return Math.copySign(t, x);
    }

    /**
     * x·Φ(x), Φ being the normal distribution, within 6 ulp of the exact value wherever that is a normal float
     * (over all of those 5.88 at most).
     *
     * <p>The lower tail g(a) = a·Φ(−a) is computed for a = |x| as e^(−a²/2) times a smooth function, so that it keeps
     * its relative precision where 1 + erf would have cancelled. Then gelu(x) = max(x, 0) − g(|x|).
     */
    public static float gelu(float x) {
        float a = Math.abs(x);
        float square = a * a;
        float squareError = Math.fma(a, a, -square);
        float y = -0.5f * square;
        float shifted = Math.fma(y, LOG2_E, ROUND_24);
        float r = Math.fma(squareError, -0.5f, reduce(y, shifted - ROUND_24));
        float q = expm1Reduced(r);
        float inverse = 1 / (a + 4);
        float t = (a - 4) * inverse;
        float p = Math.fma(G9, t, G8);
        p = Math.fma(p, t, G7);
        p = Math.fma(p, t, G6);
        p = Math.fma(p, t, G5);
        p = Math.fma(p, t, G4);
        p = Math.fma(p, t, G3);
        p = Math.fma(p, t, G2);
        p = Math.fma(p, t, G1);
        p = Math.fma(p, t, G0);
        float g = Math.fma(p, q, p) * (a * inverse);
        float scaled = g * powerOfTwo(shifted) * TWO_TO_MINUS_24;
        float tail = a > GELU_MAX ? 0 : scaled;
        return (x < 0 ? 0 : x) - tail;
    }
}
