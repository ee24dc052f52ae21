package dev.bert4j.backend.vector;

import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.weights.WeightTensor;

/** Makes floats of weights that are stored in fewer bits, as {@link WeightTensor#copyTo} does, to the last bit. */
interface Widening {
    /**
     * Widens rows of a matrix.
     *
     * @param weight of type F16, BF16, F64 or F32, or quantised
     * @param row the first
     * @param rows how many
     * @param to gets them from its beginning
     * @param staging room for some of the bytes as they are stored; the more, the fewer rounds
     */
    void widen(WeightTensor weight, int row, int rows, Floats to, byte[] staging);

    /** The same of a weight that may have scales of columns, too. */
    default void widen(CpuParameter weight, int row, int rows, Floats to, byte[] staging) {
        Floats scales = weight.columnScales();
        widen(weight.byRows(), row, rows, to, staging);
        for (int i = 0; scales != null && i < rows; i++) {
            multiply(to.values(), i * scales.length(), scales.values());
        }
    }

    private static void multiply(float[] row, int at, float[] by) {
        for (int k = 0; k < by.length; k++) {
            row[at + k] *= by[k];
        }
    }
}
