package dev.bert4j.backend.vector;

import static dev.bert4j.backend.reference.NormalPieces.*;
import static dev.bert4j.backend.reference.ScalarMath.*;
import static dev.bert4j.backend.reference.ScalarNormal.*;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.reference.NormalPieces;
import dev.bert4j.backend.reference.ScalarNormal;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The functions of {@link ScalarNormal}, step for step, at one width; GELU of four lanes is the scalar code itself.
 *
 * <p>The same polynomial stands in every loop, for the reason that {@link PointwiseKernel} gives.
 */
final class NormalKernel implements ActivationKernel {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final Class<? extends IntVector> INT_VECTOR =
            S.withLanes(int.class).vectorType().asSubclass(IntVector.class);
    private static final int V = S.length();
    private static final float[] TABLE = NormalPieces.table();
    /** Where the second vector of a row begins; one of sixteen lanes is a whole row, and then both are the same. */
    private static final int HALF = V < PIECES ? PIECES / 2 : 0;

    NormalKernel() {
    }

    @Override
    public void activate(Floats panel, int at, int step, int rows, int vectors, Floats biases, int biasAt,
            ActivationFunction f) {
        float[] y = panel.values();
        float[] bias = biases == null ? null : biases.values();
        int used = vectors * V;
        for (int row = 0; row < rows; row++) {
            float b = bias == null ? 0 : bias[biasAt + row];
            switch (f) {
                case GELU -> gelu(y, at + row * step, used, b);
                case GELU_10 -> {
                    gelu(y, at + row * step, used, b);
                    clip(y, at + row * step, used);
                }
                case LAPLACE -> laplace(y, at + row * step, used, b);
                default -> throw new AssertionError(f);
            }
        }
    }

    private static void gelu(float[] y, int from, int count, float bias) {
        if (V < 8) {
            // Four parts of the table for each coefficient take longer than one value after the other.
            for (int o = from; o < from + count; o++) {
                y[o] = ScalarNormal.gelu(y[o] + bias);
            }
            return;
        }
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
            FloatVector a = x.lanewise(ABS);
            FloatVector piece = a.lanewise(FMA, PIECES_NARROW, 1f).fma(a, a.broadcast(ROUND)).sub(ROUND);
            FloatVector d = a.sub(piece.selectFrom(FloatVector.fromArray(S, TABLE, 0),
                    FloatVector.fromArray(S, TABLE, HALF)));
            FloatVector near = piece.selectFrom(FloatVector.fromArray(S, TABLE, 7 * PIECES),
                    FloatVector.fromArray(S, TABLE, 7 * PIECES + HALF));
            near = near.fma(d, piece.selectFrom(FloatVector.fromArray(S, TABLE, 6 * PIECES),
                    FloatVector.fromArray(S, TABLE, 6 * PIECES + HALF)));
            near = near.fma(d, piece.selectFrom(FloatVector.fromArray(S, TABLE, 5 * PIECES),
                    FloatVector.fromArray(S, TABLE, 5 * PIECES + HALF)));
            near = near.fma(d, piece.selectFrom(FloatVector.fromArray(S, TABLE, 4 * PIECES),
                    FloatVector.fromArray(S, TABLE, 4 * PIECES + HALF)));
            near = near.fma(d, piece.selectFrom(FloatVector.fromArray(S, TABLE, 3 * PIECES),
                    FloatVector.fromArray(S, TABLE, 3 * PIECES + HALF)));
            near = near.fma(d, piece.selectFrom(FloatVector.fromArray(S, TABLE, 2 * PIECES),
                    FloatVector.fromArray(S, TABLE, 2 * PIECES + HALF)));
            near = near.fma(d, piece.selectFrom(FloatVector.fromArray(S, TABLE, PIECES),
                    FloatVector.fromArray(S, TABLE, PIECES + HALF)));
            near = a.neg().fma(near, x.blend(x.mul(0f), x.compare(LT, 0f)));
            VectorMask<Float> isNear = a.compare(LT, PIECES_END);
            if (!isNear.allTrue()) {
                farGelu(y, o, bias);
                near = VECTOR.cast(FloatVector.fromArray(S, y, o)).blend(near, isNear);
            }
            near.intoArray(y, o);
        }
    }

    /** One vector, by the formula that holds for all. */
    private static void farGelu(float[] y, int o, float bias) {
        FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
        FloatVector magnitude = x.lanewise(ABS);
        FloatVector a = magnitude.blend(GELU_MAX, magnitude.compare(GT, GELU_MAX));
        FloatVector square = a.mul(a);
        FloatVector half = square.mul(-0.5f);
        FloatVector shifted = half.lanewise(FMA, LOG2_E, ROUND_64);
        FloatVector n = shifted.sub(ROUND_64);
        FloatVector r = n.lanewise(FMA, -LN2_HIGH, half)
                .add(n.lanewise(FMA, -LN2_LOW, a.fma(a, square.neg()).mul(-0.5f)));
        FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
        q = q.lanewise(FMA, r, E3);
        q = q.lanewise(FMA, r, E2);
        q = q.lanewise(FMA, r, E1);
        q = q.lanewise(FMA, r, E0);
        q = r.mul(r).fma(q, r);
        FloatVector d = a.add(4);
        FloatVector dLow = a.sub(d.sub(4));
        FloatVector inverse = a.broadcast(1).div(d);
        FloatVector w = a.mul(inverse);
        FloatVector minus = w.neg();
        FloatVector wLow = minus.fma(dLow, minus.fma(d, a)).mul(inverse);
        FloatVector t = w.lanewise(FMA, 2f, -1f);
        FloatVector tLow = wLow.lanewise(FMA, 2f, w.lanewise(FMA, 2f, t.broadcast(-1).sub(t)));
        FloatVector p = t.lanewise(FMA, G9, t.broadcast(G8));
        p = p.lanewise(FMA, t, G7);
        p = p.lanewise(FMA, t, G6);
        p = p.lanewise(FMA, t, G5);
        p = p.lanewise(FMA, t, G4);
        p = p.lanewise(FMA, t, G3);
        p = p.lanewise(FMA, t, G2);
        p = p.lanewise(FMA, t, G1);
        FloatVector g = p.lanewise(FMA, t, G0);
        FloatVector gLow = p.fma(t, g.broadcast(G0).sub(g)).add(t.lanewise(FMA, G1_LOW, G0_LOW));
        gLow = p.fma(tLow, gLow);
        FloatVector f = w.mul(g);
        FloatVector fLow = wLow.fma(g, w.fma(gLow, w.fma(g, f.neg())));
        FloatVector e = f.fma(q, fLow.fma(q, fLow)).add(f);
        FloatVector power = VECTOR.cast(INT_VECTOR.cast(shifted.reinterpretAsInts())
                .lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
        FloatVector tail = e.mul(power).mul(TWO_TO_MINUS_64);
        x.blend(x.mul(0f), x.compare(LT, 0f)).sub(tail).intoArray(y, o);
    }

    /** Cuts at the top, where the reference cuts; no GELU reaches −10. */
    private static void clip(float[] y, int from, int count) {
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o));
            x.blend(CLIP, x.compare(GT, CLIP)).intoArray(y, o);
        }
    }

    private static void laplace(float[] y, int from, int count, float bias) {
        for (int o = from; o < from + count; o += V) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, y, o)).add(bias);
            FloatVector below = x.blend(LAPLACE_MAX, x.compare(GT, LAPLACE_MAX));
            FloatVector capped = below.blend(LAPLACE_MIN, below.compare(LT, LAPLACE_MIN));
            FloatVector distance = capped.sub(MEAN);
            FloatVector back = distance.sub(capped);
            FloatVector distanceLow = capped.sub(distance.sub(back)).sub(back.add(MEAN)).sub(MEAN_LOW);
            FloatVector z = distance.mul(INVERSE_DEVIATION);
            FloatVector zLow = distance.lanewise(FMA, INVERSE_DEVIATION, z.neg());
            zLow = distance.lanewise(FMA, INVERSE_DEVIATION_LOW, zLow);
            zLow = distanceLow.lanewise(FMA, INVERSE_DEVIATION, zLow);
            FloatVector a = z.lanewise(ABS);
            FloatVector aLow = zLow.blend(zLow.neg(), z.compare(LT, 0f));
            FloatVector square = a.mul(a);
            FloatVector squareLow = a.add(a).fma(aLow, a.fma(a, square.neg()));
            FloatVector half = square.mul(-0.5f);
            FloatVector shifted = half.lanewise(FMA, LOG2_E, ROUND_64);
            FloatVector n = shifted.sub(ROUND_64);
            FloatVector r = n.lanewise(FMA, -LN2_HIGH, half).add(n.lanewise(FMA, -LN2_LOW, squareLow.mul(-0.5f)));
            FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
            q = q.lanewise(FMA, r, E3);
            q = q.lanewise(FMA, r, E2);
            q = q.lanewise(FMA, r, E1);
            q = q.lanewise(FMA, r, E0);
            q = r.mul(r).fma(q, r);
            FloatVector d = a.add(4);
            FloatVector dLow = a.sub(d.sub(4)).add(aLow);
            FloatVector inverse = a.broadcast(1).div(d);
            FloatVector minus = inverse.neg();
            FloatVector inverseLow = minus.fma(dLow, minus.fma(d, a.broadcast(1))).mul(inverse);
            FloatVector t = inverse.lanewise(FMA, -8f, 1f);
            FloatVector tLow = inverseLow.lanewise(FMA, -8f, inverse.lanewise(FMA, -8f, t.broadcast(1).sub(t)));
            FloatVector p = t.lanewise(FMA, G9, t.broadcast(G8));
            p = p.lanewise(FMA, t, G7);
            p = p.lanewise(FMA, t, G6);
            p = p.lanewise(FMA, t, G5);
            p = p.lanewise(FMA, t, G4);
            p = p.lanewise(FMA, t, G3);
            p = p.lanewise(FMA, t, G2);
            FloatVector p1 = p.lanewise(FMA, t, G1);
            FloatVector p1Low = p.fma(tLow, p.fma(t, p.broadcast(G1).sub(p1)).add(G1_LOW));
            FloatVector g = p1.lanewise(FMA, t, G0);
            FloatVector gLow = p1.fma(tLow, p1Low.fma(t, p1.fma(t, g.broadcast(G0).sub(g)).add(G0_LOW)));
            FloatVector f = inverse.mul(g);
            FloatVector fLow = inverseLow.fma(g, inverse.fma(gLow, inverse.fma(g, f.neg())));
            FloatVector e = f.fma(q, fLow.fma(q, fLow)).add(f);
            FloatVector power = VECTOR.cast(INT_VECTOR.cast(shifted.reinterpretAsInts())
                    .lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
            FloatVector tail = e.mul(power).mul(TWO_TO_MINUS_64);
            tail.broadcast(1).sub(tail).blend(tail, z.compare(LT, 0f)).intoArray(y, o);
        }
    }
}
