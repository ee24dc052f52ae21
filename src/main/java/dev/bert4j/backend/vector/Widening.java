package dev.bert4j.backend.vector;

import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;

/**
 * Makes floats of weights that are stored in fewer bits, as {@link dev.bert4j.weights.WeightTensor#copyTo} does, to the
 * last bit.
 */
interface Widening {
    /**
     * Widens rows of a matrix.
     *
     * @param weight of type F16, BF16, F64 or F32, or quantised
     * @param row the first
     * @param rows how many
     * @param to gets them as {@link WidenedRows#at} says
     * @param slice so many columns of all rows lie together: all of a row, or fewer
     * @param step values from one row of a slice to the next
     * @param staging room for some of the bytes as they are stored; the more, the fewer rounds
     */
    void widen(CpuParameter weight, int row, int rows, Floats to, int slice, int step, byte[] staging);
}
