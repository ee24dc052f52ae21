package dev.bert4j.sentence;

import static jdk.incubator.vector.VectorOperators.B2F;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Sums} with vectors of the width that the JVM prefers. The chains are the lanes of one, two or four vectors;
 * how many, is a constant to the JIT, and the branches for the others are gone.
 */
final class VectorSums implements Sums {
    private static final VectorSpecies<Float> S = VectorSpecies.of(float.class,
            VectorShape.forBitSize(Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512)));
    /** By these casts the JIT knows which vectors it has; what it decides without, depends on others in the JVM. */
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final int V = S.length();
    /** As many bytes as there are chains. */
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;
    private static final Class<? extends ByteVector> BYTE_VECTOR = BYTES.vectorType().asSubclass(ByteVector.class);

    VectorSums() {
    }

    @Override
    public float dot(float[] a, float[] b) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int whole = a.length & -CHAINS;
        for (int i = 0; i < whole; i += CHAINS) {
            s0 = VECTOR.cast(FloatVector.fromArray(S, a, i)).fma(FloatVector.fromArray(S, b, i), s0);
            if (V <= 8) {
                s1 = VECTOR.cast(FloatVector.fromArray(S, a, i + V)).fma(FloatVector.fromArray(S, b, i + V), s1);
            }
            if (V == 4) {
                s2 = VECTOR.cast(FloatVector.fromArray(S, a, i + 2 * V))
                        .fma(FloatVector.fromArray(S, b, i + 2 * V), s2);
                s3 = VECTOR.cast(FloatVector.fromArray(S, a, i + 3 * V))
                        .fma(FloatVector.fromArray(S, b, i + 3 * V), s3);
            }
        }
        float[] chains = chains(s0, s1, s2, s3);
        for (int i = whole; i < a.length; i++) {
            chains[i - whole] = Math.fma(a[i], b[i], chains[i - whole]);
        }
        return Sums.tree(chains);
    }

    @Override
    public float dot(float[] a, byte[] b) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int whole = a.length & -CHAINS;
        for (int i = 0; i < whole; i += CHAINS) {
            ByteVector bytes = BYTE_VECTOR.cast(ByteVector.fromArray(BYTES, b, i));
            s0 = VECTOR.cast(FloatVector.fromArray(S, a, i)).fma(bytes.convertShape(B2F, S, 0), s0);
            if (V <= 8) {
                s1 = VECTOR.cast(FloatVector.fromArray(S, a, i + V)).fma(bytes.convertShape(B2F, S, 1), s1);
            }
            if (V == 4) {
                s2 = VECTOR.cast(FloatVector.fromArray(S, a, i + 2 * V)).fma(bytes.convertShape(B2F, S, 2), s2);
                s3 = VECTOR.cast(FloatVector.fromArray(S, a, i + 3 * V)).fma(bytes.convertShape(B2F, S, 3), s3);
            }
        }
        float[] chains = chains(s0, s1, s2, s3);
        for (int i = whole; i < a.length; i++) {
            chains[i - whole] = Math.fma(a[i], b[i], chains[i - whole]);
        }
        return Sums.tree(chains);
    }

    @Override
    public float squares(float[] a, float[] b) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int whole = a.length & -CHAINS;
        for (int i = 0; i < whole; i += CHAINS) {
            FloatVector d0 = difference(a, b, i);
            s0 = d0.fma(d0, s0);
            if (V <= 8) {
                FloatVector d1 = difference(a, b, i + V);
                s1 = d1.fma(d1, s1);
            }
            if (V == 4) {
                FloatVector d2 = difference(a, b, i + 2 * V);
                s2 = d2.fma(d2, s2);
                FloatVector d3 = difference(a, b, i + 3 * V);
                s3 = d3.fma(d3, s3);
            }
        }
        float[] chains = chains(s0, s1, s2, s3);
        for (int i = whole; i < a.length; i++) {
            float difference = a[i] - b[i];
            chains[i - whole] = Math.fma(difference, difference, chains[i - whole]);
        }
        return Sums.tree(chains);
    }

    @Override
    public float magnitudes(float[] a, float[] b) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int whole = a.length & -CHAINS;
        for (int i = 0; i < whole; i += CHAINS) {
            s0 = VECTOR.cast(s0).add(difference(a, b, i).abs());
            if (V <= 8) {
                s1 = VECTOR.cast(s1).add(difference(a, b, i + V).abs());
            }
            if (V == 4) {
                s2 = VECTOR.cast(s2).add(difference(a, b, i + 2 * V).abs());
                s3 = VECTOR.cast(s3).add(difference(a, b, i + 3 * V).abs());
            }
        }
        float[] chains = chains(s0, s1, s2, s3);
        for (int i = whole; i < a.length; i++) {
            chains[i - whole] += Math.abs(a[i] - b[i]);
        }
        return Sums.tree(chains);
    }

    private static FloatVector difference(float[] a, float[] b, int i) {
        return VECTOR.cast(FloatVector.fromArray(S, a, i)).sub(FloatVector.fromArray(S, b, i));
    }

    /** The lanes as an array; one that does not leave the caller, so that the JIT need not make it. */
    private static float[] chains(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
        float[] chains = new float[CHAINS];
        VECTOR.cast(s0).intoArray(chains, 0);
        if (V <= 8) {
            VECTOR.cast(s1).intoArray(chains, V);
        }
        if (V == 4) {
            VECTOR.cast(s2).intoArray(chains, 2 * V);
            VECTOR.cast(s3).intoArray(chains, 3 * V);
        }
        return chains;
    }
}
