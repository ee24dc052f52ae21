package dev.bert4j.backend.cpu;

import dev.bert4j.backend.Parameter;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A weight that a CPU backend reads where it lies in the mapped file.
 *
 * <p>Weights of fp32 are used in place. A matrix of another type is widened as it is used, a tile at a time; a vector
 * of another type (a bias, a scale: a few kilobytes) is widened once.
 */
public final class CpuParameter implements Parameter {
    private final WeightTensor tensor;
    private final MemorySegment floats;
    private volatile Floats vector;
    private volatile Floats columnScales;

    /** Takes a weight. */
    public CpuParameter(WeightTensor tensor) {
        this.tensor = tensor;
        if (tensor.dtype() == DType.F32) {
            floats = tensor.data();
        } else if (tensor.rank() <= 1) {
            floats = Arena.ofAuto().allocate(Math.max(4, 4 * tensor.numElements()), 64);
            tensor.copyTo(0, floats, tensor.numElements());
        } else {
            floats = null;
        }
    }

    /** All values as fp32 in memory order, or null for a matrix of another type. */
    public MemorySegment floats() {
        return floats;
    }

    /**
     * The values of a vector as an array, copied the first time: a bias is read with every product, and an array is
     * read faster than a mapping.
     */
    public Floats vector() {
        Floats values = vector;
        if (values == null) {
            values = new Floats(Math.toIntExact(tensor.numElements()));
            tensor.copyTo(0, values.segment(), values.length());
            // Whoever comes at the same time makes an equal one.
            vector = values;
        }
        return values;
    }

    /** What the columns of a quantised matrix are multiplied with, copied the first time; null where there is none. */
    public Floats columnScales() {
        Floats values = columnScales;
        if (values == null && tensor.columnScales() != null) {
            values = new Floats(tensor.columnScales().toFloatArray());
            columnScales = values;
        }
        return values;
    }

    /** Widens {@code count} values from element {@code from} on, to value {@code at} of the target and on. */
    public void copyTo(long from, MemorySegment target, long at, long count) {
        tensor.copyTo(from, target, at, count);
    }

    /** The weight as it is stored. */
    public WeightTensor tensor() {
        return tensor;
    }
}
