package dev.bert4j.backend.reference;

import static dev.bert4j.backend.reference.ScalarMath.LOG2_E;
import static dev.bert4j.backend.reference.ScalarMath.ROUND;
import static dev.bert4j.backend.reference.ScalarMath.ROUND_64;
import static dev.bert4j.backend.reference.ScalarMath.TWO_TO_MINUS_64;

/**
 * The activations that are made of one exponential: the logistic function σ, what it gates, and the hyperbolic tangent.
 * This scalar form is the definition of their bits.
 *
 * <p>All are computed for a = |x|, and x·f(x) as max(x, 0) minus a tail that is small on both sides; so nothing
 * cancels. A quotient is carried with the rounding errors of its parts, which one step of correction then takes in.
 */
public final class ScalarLogistic {
    /** From here on a·e⁻ᵃ is less than half of the smallest float. */
    public static final float LOGISTIC_MAX = 120;

    /** The factor of quick_gelu, 1.702. */
    public static final float QUICK = (float) 1.702;
    /** What QUICK lacks. */
    public static final float QUICK_LOW = (float) (1.702 - QUICK);
    /** From here on a·e^(−1.702·a) is less than half of the smallest float. */
    public static final float QUICK_MAX = 70;

    /** −2·√(2/π). Those of gelu_fast have ten digits, which in float is the same. */
    public static final float C0 = (float) (-2 * 0.7978845608028654);
    /** What C0 lacks. */
    public static final float C0_LOW = (float) (-2 * 0.7978845608028654 - C0);
    /** −2·√(2/π)·0.044715. */
    public static final float C1 = (float) (-2 * 0.7978845608028654 * 0.044715);
    /** What C1 lacks. */
    public static final float C1_LOW = (float) (-2 * 0.7978845608028654 * 0.044715 - C1);
    /** From here on the tail of the GELU by tanh is less than half of the smallest float. */
    public static final float TANH_GELU_MAX = 11.5f;

    /** Above it tanh is 1 in float. */
    public static final float TANH_MAX = 9.1f;

    private ScalarLogistic() {
    }

    /** (n + nLow) / (d + dLow). */
    private static float quotient(float n, float nLow, float d, float dLow) {
        float inverse = 1 / d;
        float t = n * inverse;
        float rest = Math.fma(-t, d, n) + Math.fma(-t, dLow, nLow);
        return Math.fma(rest, inverse, t);
    }

    /** a·eᶻ / (1 + eᶻ) = a·σ(z) for z = high + low ≤ 0. */
    private static float lowerTail(float a, float high, float low) {
        float shifted = Math.fma(high, LOG2_E, ROUND_64);
        float q = ScalarMath.expm1Reduced(ScalarMath.reduce(high, low, shifted - ROUND_64));
        float power = ScalarMath.powerOfTwo(shifted);
        float scale = power * TWO_TO_MINUS_64;
        float e = Math.fma(scale, q, scale);
        float d = 1 + e;
        float scaled = a * power;
        float n = Math.fma(scaled, q, scaled);
        return quotient(n, Math.fma(scaled, q, scaled - n), d, e - (d - 1)) * TWO_TO_MINUS_64;
    }

    /** 1 / (1 + e⁻ˣ), within 2 ulp. */
    public static float sigmoid(float x) {
        float magnitude = Math.abs(x);
        float a = magnitude > LOGISTIC_MAX ? LOGISTIC_MAX : magnitude;
        float tail = lowerTail(1, -a, 0);
        return x < 0 ? tail : 1 - tail;
    }

    /** x·σ(x), within 2 ulp. */
    public static float silu(float x) {
        return gate(x, 1, 0, LOGISTIC_MAX);
    }

    /** x·σ(1.702·x), within 2 ulp. */
    public static float quickGelu(float x) {
        return gate(x, QUICK, QUICK_LOW, QUICK_MAX);
    }

    /** x·σ((factor + factorLow)·x). */
    private static float gate(float x, float factor, float factorLow, float max) {
        float magnitude = Math.abs(x);
        float a = magnitude > max ? max : magnitude;
        float z = a * -factor;
        float zLow = Math.fma(a, -factorLow, Math.fma(a, -factor, -z));
        return ScalarMath.upper(x) - lowerTail(a, z, zLow);
    }

    /**
     * ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) = x·σ(2·√(2/π)·(x + 0.044715·x³)), within 2 ulp.
     */
    public static float tanhGelu(float x) {
        float magnitude = Math.abs(x);
        float a = magnitude > TANH_GELU_MAX ? TANH_GELU_MAX : magnitude;
        float square = a * a;
        float squareLow = Math.fma(a, a, -square);
        float v = Math.fma(square, C1, C0);
        float back = v - C0;
        float vLow = Math.fma(square, C1, -back) + (C0 - (v - back));
        vLow = Math.fma(squareLow, C1, vLow) + Math.fma(square, C1_LOW, C0_LOW);
        float z = a * v;
        float zLow = Math.fma(a, vLow, Math.fma(a, v, -z));
        return ScalarMath.upper(x) - lowerTail(a, z, zLow);
    }

    /**
     * x·tanh(ln(1 + eˣ)), within 2 ulp.
     *
     * <p>With e = e⁻ᵃ the tail is a·e·(e + 2) / (e·(e + 2) + 2) below 0, and a·e·2e / (e·2e + (1 + 2e)) from 0 on.
     */
    public static float mish(float x) {
        float magnitude = Math.abs(x);
        float a = magnitude > LOGISTIC_MAX ? LOGISTIC_MAX : magnitude;
        float high = -a;
        float shifted = Math.fma(high, LOG2_E, ROUND_64);
        float q = ScalarMath.expm1Reduced(ScalarMath.reduce(high, 0, shifted - ROUND_64));
        float power = ScalarMath.powerOfTwo(shifted);
        float e = Math.fma(power, q, power) * TWO_TO_MINUS_64;
        float twice = e + e;
        float g = x < 0 ? e + 2 : twice;
        float gLow = x < 0 ? e - (g - 2) : 0;
        float c = x < 0 ? 2 : 1 + twice;
        float d = Math.fma(e, g, c);
        float dLow = Math.fma(e, g, c - d);
        float scaled = a * power;
        float f = Math.fma(scaled, q, scaled);
        float fLow = Math.fma(scaled, q, scaled - f);
        float n = f * g;
        float nLow = Math.fma(f, gLow, Math.fma(fLow, g, Math.fma(f, g, -n)));
        return ScalarMath.upper(x) - quotient(n, nLow, d, dLow) * TWO_TO_MINUS_64;
    }

    /** The hyperbolic tangent, (e²ᵃ − 1) / (e²ᵃ + 1) for a = |x|, within 2 ulp. */
    public static float tanh(float x) {
        float a = Math.abs(x);
        float capped = a > TANH_MAX ? TANH_MAX : a;
        float y = capped + capped;
        float shifted = Math.fma(y, LOG2_E, ROUND);
        float q = ScalarMath.expm1Reduced(ScalarMath.reduce(y, shifted - ROUND));
        float power = ScalarMath.powerOfTwo(shifted);
        float m = power - 1;
        float n = Math.fma(power, q, m);
        float nLow = Math.fma(power, q, m - n);
        float d = n + 2;
        return Math.copySign(quotient(n, nLow, d, (n - (d - 2)) + nLow), x);
    }
}
