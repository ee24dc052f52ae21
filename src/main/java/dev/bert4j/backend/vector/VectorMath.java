package dev.bert4j.backend.vector;

import static dev.bert4j.backend.reference.ScalarMath.*;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.bert4j.backend.reference.ScalarMath;
import jdk.incubator.vector.FloatVector;

/**
 * The functions of {@link ScalarMath}, step for step, in every lane. Its methods are small enough for the JIT to inline
 * into the kernels, where the width is known: a vector that crossed a real call would be boxed.
 */
final class VectorMath {
    private VectorMath() {
    }

    private static FloatVector expm1Reduced(FloatVector r) {
        FloatVector p = r.lanewise(FMA, E5, r.broadcast(E4));
        p = p.lanewise(FMA, r, E3);
        p = p.lanewise(FMA, r, E2);
        p = p.lanewise(FMA, r, E1);
        p = p.lanewise(FMA, r, E0);
        return r.mul(r).fma(p, r);
    }

    private static FloatVector reduce(FloatVector x, FloatVector n) {
        return n.lanewise(FMA, -LN2_LOW, n.lanewise(FMA, -LN2_HIGH, x));
    }

    private static FloatVector powerOfTwo(FloatVector shifted) {
        return shifted.reinterpretAsInts().lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats();
    }

    static FloatVector exp(FloatVector x) {
        FloatVector shifted = x.lanewise(FMA, LOG2_E, ROUND);
        FloatVector r = reduce(x, shifted.sub(ROUND));
        FloatVector e = expm1Reduced(r).add(1).mul(powerOfTwo(shifted));
        return e.blend(0f, x.compare(LT, EXP_MIN));
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector a = x.lanewise(ABS);
        FloatVector capped = a.blend(TANH_MAX, a.compare(GT, TANH_MAX));
        FloatVector y = capped.add(capped);
        FloatVector shifted = y.lanewise(FMA, LOG2_E, ROUND);
        FloatVector q = expm1Reduced(reduce(y, shifted.sub(ROUND)));
        FloatVector power = powerOfTwo(shifted);
        FloatVector expm1 = power.fma(q, power.sub(1));
        FloatVector t = expm1.div(expm1.add(2));
        return t.reinterpretAsInts().or(x.reinterpretAsInts().and(Integer.MIN_VALUE)).reinterpretAsFloats();
    }

    static FloatVector gelu(FloatVector x) {
        FloatVector a = x.lanewise(ABS);
        FloatVector square = a.mul(a);
        FloatVector squareError = a.fma(a, square.neg());
        FloatVector y = square.mul(-0.5f);
        FloatVector shifted = y.lanewise(FMA, LOG2_E, ROUND_24);
        FloatVector r = squareError.lanewise(FMA, -0.5f, reduce(y, shifted.sub(ROUND_24)));
        FloatVector q = expm1Reduced(r);
        FloatVector inverse = a.broadcast(1).div(a.add(4));
        FloatVector t = a.sub(4).mul(inverse);
        FloatVector p = t.lanewise(FMA, G9, t.broadcast(G8));
        p = p.lanewise(FMA, t, G7);
        p = p.lanewise(FMA, t, G6);
        p = p.lanewise(FMA, t, G5);
        p = p.lanewise(FMA, t, G4);
        p = p.lanewise(FMA, t, G3);
        p = p.lanewise(FMA, t, G2);
        p = p.lanewise(FMA, t, G1);
        p = p.lanewise(FMA, t, G0);
        FloatVector g = p.fma(q, p).mul(a.mul(inverse));
        FloatVector scaled = g.mul(powerOfTwo(shifted)).mul(TWO_TO_MINUS_24);
        FloatVector tail = scaled.blend(0f, a.compare(GT, GELU_MAX));
        return x.blend(0f, x.compare(LT, 0f)).sub(tail);
    }
}
