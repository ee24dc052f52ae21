package dev.bert4j;

import java.util.Arrays;

/**
 * Values of fp32 on the host with a shape, row by row: what goes into a model and comes out of it.
 *
 * <p>It is a view of an array, not a copy; whoever writes to the array changes the tensor.
 */
public final class Tensor {
    private final float[] data;
    private final int[] shape;

    private Tensor(float[] data, int[] shape) {
        this.data = data;
        this.shape = shape;
    }

    /**
     * A tensor over the given array.
     *
     * @param data the values, the last dimension running fastest
     * @param shape the size of each dimension; none for a single value
     * @throws IllegalArgumentException if the shape does not have as many values as the array
     */
    public static Tensor of(float[] data, int... shape) {
        long count = 1;
        for (int size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("A tensor cannot have the shape " + Arrays.toString(shape) + ".");
            }
            count = Math.multiplyExact(count, size);
        }
        if (count != data.length) {
            throw new IllegalArgumentException("A tensor of shape " + Arrays.toString(shape) + " has " + count
                    + " values, but " + data.length + " were given.");
        }
        return new Tensor(data, shape.clone());
    }

    /** The size of each dimension. */
    public int[] shape() {
        return shape.clone();
    }

    /** How many dimensions there are. */
    public int rank() {
        return shape.length;
    }

    /** The size of a dimension; a negative one counts from the end, −1 being the last. */
    public int size(int dimension) {
        return shape[dimension < 0 ? shape.length + dimension : dimension];
    }

    /** The array itself, the last dimension running fastest. */
    public float[] data() {
        return data;
    }

    /**
     * One value.
     *
     * @throws IndexOutOfBoundsException if an index lies outside its dimension or their number is not the rank
     */
    public float get(int... index) {
        return data[offset(index, shape.length)];
    }

    /** The value of a tensor that has just one, a loss for instance. */
    public float item() {
        if (data.length != 1) {
            throw new IllegalStateException("item() is for tensors with one value; this has the shape "
                    + Arrays.toString(shape) + ".");
        }
        return data[0];
    }

    /** A copy of the part at the given leading indices: {@code select(2)} of [B, T, H] is text 2, of shape [T, H]. */
    public Tensor select(int... index) {
        int from = offset(index, index.length);
        int[] rest = Arrays.copyOfRange(shape, index.length, shape.length);
        int count = 1;
        for (int size : rest) {
            count *= size;
        }
        return new Tensor(Arrays.copyOfRange(data, from, from + count), rest);
    }

    /** A copy of the entries {@code [from, to)} of the first dimension. */
    Tensor rows(int from, int to) {
        int[] part = shape.clone();
        part[0] = to - from;
        int each = shape[0] == 0 ? 0 : data.length / shape[0];
        return new Tensor(Arrays.copyOfRange(data, from * each, to * each), part);
    }

    private int offset(int[] index, int expected) {
        if (index.length != expected || index.length > shape.length) {
            throw new IndexOutOfBoundsException(index.length + " indices for the shape "
                    + Arrays.toString(shape) + ".");
        }
        int offset = 0;
        for (int i = 0; i < shape.length; i++) {
            int at = i < index.length ? index[i] : 0;
            if (i < index.length && (at < 0 || at >= shape[i])) {
                throw new IndexOutOfBoundsException("Index " + Arrays.toString(index) + " lies outside the shape "
                        + Arrays.toString(shape) + ".");
            }
            offset = offset * shape[i] + at;
        }
        return offset;
    }

    @Override
    public String toString() {
        return "Tensor" + Arrays.toString(shape);
    }
}
