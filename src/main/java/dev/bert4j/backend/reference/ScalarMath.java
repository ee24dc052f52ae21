package dev.bert4j.backend.reference;

/**
 * The exponential function and what others need of it, built from fused multiply-adds and exactly rounded operations
 * alone, so that every backend can compute the same bits. This scalar form is the definition.
 *
 * <p>The coefficients are a minimax fit by the Remez algorithm, rounded to float.
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
    /** {@link #ROUND} + 64: the integer found in the low bits is 64 too high, which leaves room below the exponent. */
    public static final float ROUND_64 = 12582976f;
    /** The bits of 1f: an exponent of zero, biased. */
    public static final int ONE_BITS = 127 << 23;
    /** 2⁻⁶⁴, to take those 64 off again. */
    public static final float TWO_TO_MINUS_64 = 0x1p-64f;

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

    private ScalarMath() {
    }

    /** eʳ − 1 for |r| ≤ ln 2 / 2. */
    static float expm1Reduced(float r) {
        float p = Math.fma(E5, r, E4);
        p = Math.fma(p, r, E3);
        p = Math.fma(p, r, E2);
        p = Math.fma(p, r, E1);
        p = Math.fma(p, r, E0);
        return Math.fma(r * r, p, r);
    }

    /** The rest of x after n·ln 2 has been taken off. */
    static float reduce(float x, float n) {
        return Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    }

    /** The rest of high + low after n·ln 2 has been taken off. */
    static float reduce(float high, float low, float n) {
        return Math.fma(n, -LN2_HIGH, high) + Math.fma(n, -LN2_LOW, low);
    }

    /** max(x, 0), but −0 below 0, and NaN for −∞: there the reference multiplies it by 0. */
    static float upper(float x) {
        return x < 0 ? x * 0 : x;
    }

    /** 2ⁿ, n being the integer in the low bits of a number that was rounded by adding {@link #ROUND}. */
    static float powerOfTwo(float shifted) {
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
}
