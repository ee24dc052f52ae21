package dev.bert4j.sentence;

/** Whether vectors are such that they can be compared. */
final class Vectors {
    private Vectors() {
    }

    /** All of the length of the first, and finite. */
    static void check(float[][] vectors) {
        for (int i = 0; i < vectors.length; i++) {
            if (vectors[i].length != vectors[0].length) {
                throw new IllegalArgumentException("Vector " + i + " has " + vectors[i].length
                        + " values, vector 0 has " + vectors[0].length + "; all must come from one model.");
            }
            check(vectors[i], vectors[i].length, "Vector " + i);
        }
    }

    /** Of that length, and finite: a value that is no number would be neither alike nor unlike anything. */
    static void check(float[] vector, int dimension, String what) {
        if (vector.length != dimension) {
            throw new IllegalArgumentException(what + " has " + vector.length + " values and must have " + dimension
                    + "; it must come from the same model.");
        }
        for (int i = 0; i < dimension; i++) {
            if (!Float.isFinite(vector[i])) {
                throw new IllegalArgumentException(what + " holds " + vector[i] + " at " + i
                        + "; its values must be finite numbers.");
            }
        }
    }
}
