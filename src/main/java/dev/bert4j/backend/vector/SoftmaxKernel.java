package dev.bert4j.backend.vector;

import static dev.bert4j.backend.reference.ScalarMath.*;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Softmax} at one width. Its steps hand maxima and sums to each other through the state, since a vector that
 * crosses a call may be boxed; {@link PointwiseKernel} says more.
 */
final class SoftmaxKernel implements Softmax {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final Class<? extends IntVector> INT_VECTOR =
            S.withLanes(int.class).vectorType().asSubclass(IntVector.class);
    private static final int V = S.length();

    SoftmaxKernel() {
    }

    @Override
    public void begin(float[] m, int state, int step, int vectors) {
        for (int o = state; o < state + vectors * V; o += V) {
            VECTOR.cast(FloatVector.broadcast(S, -Float.MAX_VALUE)).intoArray(m, o + MAXIMUM_ROW * step);
            VECTOR.cast(FloatVector.zero(S)).intoArray(m, o + SUM_ROW * step);
        }
    }

    @Override
    public void scale(float[] m, int scores, int keys, int step, int vectors, float scale, float[] mask,
            int maskFrom) {
        for (int key = 0; key < keys; key++) {
            float add = mask == null ? 0 : mask[maskFrom + key];
            int row = scores + key * step;
            for (int o = row; o < row + vectors * V; o += V) {
                VECTOR.cast(FloatVector.fromArray(S, m, o)).lanewise(FMA, scale, add).intoArray(m, o);
            }
        }
    }

    @Override
    public void scale(float[] m, int scores, int step, int vectors, float scale, int mask) {
        for (int o = 0; o < vectors * V; o += V) {
            VECTOR.cast(FloatVector.fromArray(S, m, scores + o))
                    .lanewise(FMA, scale, FloatVector.fromArray(S, m, mask + o)).intoArray(m, scores + o);
        }
    }

    @Override
    public void block(float[] m, int scores, int keys, int step, int vectors, int state) {
        for (int column = 0; column < vectors * V; column += V) {
            maximum(m, scores + column, keys, step, state + column);
            exponentials(m, state + column + FACTOR_ROW * step, 1, step, state + column);
            exponentials(m, scores + column, keys, step, state + column);
            sum(m, step, state + column);
        }
    }

    /** Takes the scores into the running maximum and leaves the one before in the row of the factors. */
    private static void maximum(float[] m, int scores, int keys, int step, int state) {
        FloatVector maximum = VECTOR.cast(FloatVector.fromArray(S, m, state + MAXIMUM_ROW * step));
        maximum.intoArray(m, state + FACTOR_ROW * step);
        for (int key = 0; key < keys; key++) {
            FloatVector score = VECTOR.cast(FloatVector.fromArray(S, m, scores + key * step));
            // A comparison and a choice; MAX would have to mind NaN and the sign of zero.
            maximum = VECTOR.cast(maximum).blend(score, score.compare(GT, maximum));
        }
        VECTOR.cast(maximum).intoArray(m, state + MAXIMUM_ROW * step);
    }

    /** Replaces scores by {@code exp(score − maximum)} and leaves their sum in its row. */
    private static void exponentials(float[] m, int scores, int keys, int step, int state) {
        FloatVector maximum = FloatVector.fromArray(S, m, state + MAXIMUM_ROW * step);
        FloatVector sum = FloatVector.zero(S);
        for (int key = 0; key < keys; key++) {
            FloatVector x = VECTOR.cast(FloatVector.fromArray(S, m, scores + key * step)).sub(maximum);
            FloatVector shifted = x.lanewise(FMA, LOG2_E, ROUND);
            FloatVector n = shifted.sub(ROUND);
            FloatVector r = n.lanewise(FMA, -LN2_LOW, n.lanewise(FMA, -LN2_HIGH, x));
            FloatVector q = r.lanewise(FMA, E5, r.broadcast(E4));
            q = q.lanewise(FMA, r, E3);
            q = q.lanewise(FMA, r, E2);
            q = q.lanewise(FMA, r, E1);
            q = q.lanewise(FMA, r, E0);
            q = r.mul(r).fma(q, r);
            FloatVector power = VECTOR.cast(INT_VECTOR.cast(shifted.reinterpretAsInts())
                    .lanewise(LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
            FloatVector p = q.add(1).mul(power).blend(0f, x.compare(LT, EXP_MIN));
            p.intoArray(m, scores + key * step);
            sum = VECTOR.cast(sum).add(p);
        }
        VECTOR.cast(sum).intoArray(m, state + BLOCK_SUM_ROW * step);
    }

    /** Takes the sum of a block into the running sum. */
    private static void sum(float[] m, int step, int state) {
        FloatVector factor = FloatVector.fromArray(S, m, state + FACTOR_ROW * step);
        FloatVector block = FloatVector.fromArray(S, m, state + BLOCK_SUM_ROW * step);
        VECTOR.cast(FloatVector.fromArray(S, m, state + SUM_ROW * step)).fma(factor, block)
                .intoArray(m, state + SUM_ROW * step);
    }

    @Override
    public void rescale(float[] m, int rows, int count, int step, int vectors, int state) {
        multiply(m, rows, count, step, vectors, state + FACTOR_ROW * step);
    }

    @Override
    public void finish(float[] m, int rows, int count, int step, int vectors, int state, float factor) {
        for (int o = state; o < state + vectors * V; o += V) {
            VECTOR.cast(FloatVector.broadcast(S, 1)).div(FloatVector.fromArray(S, m, o + SUM_ROW * step)).mul(factor)
                    .intoArray(m, o + FACTOR_ROW * step);
        }
        multiply(m, rows, count, step, vectors, state + FACTOR_ROW * step);
    }

    @Override
    public void probabilities(float[] m, int scores, int keys, int step, int vectors, int state) {
        for (int column = 0; column < vectors * V; column += V) {
            exponentials(m, scores + column, keys, step, state + column);
        }
        multiply(m, scores, keys, step, vectors, state + FACTOR_ROW * step);
    }

    /** Multiplies rows by another. */
    private static void multiply(float[] m, int rows, int count, int step, int vectors, int by) {
        for (int column = 0; column < vectors * V; column += V) {
            FloatVector factor = FloatVector.fromArray(S, m, by + column);
            for (int i = 0; i < count; i++) {
                int o = rows + column + i * step;
                VECTOR.cast(FloatVector.fromArray(S, m, o)).mul(factor).intoArray(m, o);
            }
        }
    }
}
