package dev.bert4j.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * A tensor where it lies in its mapped file. It holds no copy, is immutable and may be read by any number of threads,
 * until its {@link Checkpoint} is closed and the last lease returned: then every read is an {@code
 * IllegalStateException}.
 */
public final class WeightTensor {
    /** How values lie in files; a class of its own, for who only opens a model has no use for layouts yet. */
    private static final class Layouts {
        private static final ValueLayout.OfFloat F32 =
                ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        private static final ValueLayout.OfShort BITS16 =
                ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        private static final ValueLayout.OfDouble F64 =
                ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        /** The host's floats: what a target segment holds. */
        private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

        private Layouts() {
        }
    }

    private final String name;
    private final DType dtype;
    private final long[] shape;
    private final long numElements;
    private final MemorySegment data;
    private final Path file;
    /** What the integers of each row are multiplied with; null unless it is quantised. */
    private final WeightTensor scales;
    /** What each column is multiplied with after that; null for most. */
    private final WeightTensor columnScales;

    /**
     * A tensor of a file.
     *
     * @param data as many bytes as dtype and shape need
     */
    WeightTensor(String name, DType dtype, long[] shape, MemorySegment data, Path file) {
        this(name, dtype, shape, data, file, null, null);
    }

    private WeightTensor(String name, DType dtype, long[] shape, MemorySegment data, Path file, WeightTensor scales,
            WeightTensor columnScales) {
        this.name = name;
        this.dtype = dtype;
        this.shape = shape;
        this.numElements = product(shape);
        this.data = data;
        this.file = file;
        this.scales = scales;
        this.columnScales = columnScales;
    }

    /** The integers of this tensor with a scale for each row, and perhaps for each column: a quantised matrix. */
    WeightTensor withScales(WeightTensor ofRows, WeightTensor ofColumns) {
        return new WeightTensor(name, dtype, shape, data, file, ofRows, ofColumns);
    }

    /** Integers in memory of their own, with a scale for each row, and for each column or null. */
    static WeightTensor quantized(String name, MemorySegment integers, WeightTensor scales, WeightTensor columnScales,
            long... shape) {
        return new WeightTensor(name, DType.I8, shape.clone(), integers.asReadOnly(), null, scales, columnScales);
    }

    /**
     * A tensor that lies in memory of its own instead of a file, for weights that a checkpoint lacks.
     *
     * @param values as many as the shape has elements, in row-major order; they are copied
     * @throws IllegalArgumentException if they are more or fewer
     */
    public static WeightTensor of(String name, float[] values, long... shape) {
        return of(Arena.ofAuto(), name, values, shape);
    }

    /** As {@link #of(String, float[], long...)}, readable until the arena is closed. */
    static WeightTensor of(Arena arena, String name, float[] values, long... shape) {
        if (product(shape) != values.length) {
            throw new IllegalArgumentException(name + " was given " + values.length + " values for the shape "
                    + Arrays.toString(shape) + ".");
        }
        MemorySegment data = arena.allocate(Math.max(1, values.length) * (long) Float.BYTES, 64)
                .asSlice(0, values.length * (long) Float.BYTES);
        MemorySegment.copy(values, 0, data, Layouts.F32, 0, values.length);
        return new WeightTensor(name, DType.F32, shape.clone(), data.asReadOnly(), null);
    }

    private static long product(long[] shape) {
        long product = 1;
        for (long size : shape) {
            product *= size;
        }
        return product;
    }

    /** A copy of a part, in the same type; elements must be whole bytes. */
    WeightTensor select(Arena arena, Selection part) {
        long[] smaller = shape.clone();
        smaller[part.dimension()] = part.indices().length;
        long each = dtype.bits() / 8;
        for (int dim = part.dimension() + 1; dim < shape.length; dim++) {
            each *= shape[dim];
        }
        MemorySegment copy = arena.allocate(Math.max(1, numElements * dtype.bits() / 8), 64);
        long to = 0;
        for (long row = 0; row < data.byteSize(); row += shape[part.dimension()] * each) {
            for (int index : part.indices()) {
                MemorySegment.copy(data, row + index * each, copy, to, each);
                to += each;
            }
        }
        WeightTensor smallerScales = scales == null || part.dimension() > 0 ? scales : scales.select(arena, part);
        WeightTensor smallerColumns = columnScales == null || part.dimension() == 0 ? columnScales
                : columnScales.select(arena, new Selection(0, part.indices()));
        return new WeightTensor(name, dtype, smaller, copy.asSlice(0, to).asReadOnly(), null, smallerScales,
                smallerColumns);
    }

    /** The name in the file. */
    public String name() {
        return name;
    }

    /** The type of the elements as stored. */
    public DType dtype() {
        return dtype;
    }

    /** The sizes, outermost first: a fresh array, empty for a scalar. */
    public long[] shape() {
        return shape.clone();
    }

    /** The number of dimensions; 0 for a scalar. */
    public int rank() {
        return shape.length;
    }

    /**
     * The size of one dimension.
     *
     * @param dim from 0, the outermost, to {@code rank() - 1}
     * @throws IndexOutOfBoundsException for any other
     */
    public long size(int dim) {
        return shape[Objects.checkIndex(dim, shape.length)];
    }

    /** The product of the sizes: 1 for a scalar, 0 if any size is 0. */
    public long numElements() {
        return numElements;
    }

    /**
     * The elements in row-major order, little-endian: a read-only slice of the mapped file (or a copy, where the file
     * has them in another order), {@code numElements() * dtype().bits() / 8} bytes at an address of any alignment.
     */
    public MemorySegment data() {
        return data;
    }

    /**
     * What the integers of each row, dimension 0, are multiplied with, F32 of one dimension; null unless this is a
     * quantised matrix of type I8.
     */
    public WeightTensor scales() {
        return scales;
    }

    /**
     * What the columns, dimension 1, of a quantised matrix are multiplied with after its rows, F32 of one dimension;
     * null where there is none. Inputs that are rounded to bytes as well are multiplied with it before.
     */
    public WeightTensor columnScales() {
        return columnScales;
    }

    /** Whether the elements can be read as floats: by their type, or because there are scales for them. */
    public boolean isComputable() {
        return dtype.isComputable() || scales != null;
    }

    /** The file that holds the tensor. */
    public Path file() {
        return file;
    }

    /**
     * One element as a float: F16 and BF16 widen exactly, F64 rounds to nearest, a quantised one is the integer times
     * the scale of its row, rounded, and that times the scale of its column, rounded, if there are any.
     *
     * @param index the row-major index, from 0 to {@code numElements() - 1}
     * @throws IndexOutOfBoundsException for any other
     * @throws UnsupportedOperationException if the dtype is not computable
     */
    public float get(long index) {
        requireComputable();
        Objects.checkIndex(index, numElements);
        return switch (dtype) {
            case F16 -> Float.float16ToFloat(data.get(Layouts.BITS16, 2 * index));
            case BF16 -> Float.intBitsToFloat(data.get(Layouts.BITS16, 2 * index) << 16);
            case F64 -> (float) data.get(Layouts.F64, 8 * index);
            case I8 -> data.get(ValueLayout.JAVA_BYTE, index) * scales.get(index / rowElements())
                    * (columnScales == null ? 1 : columnScales.get(index % rowElements()));
            default -> data.get(Layouts.F32, 4 * index);
        };
    }

    /**
     * All elements as floats, in row-major order, in a fresh array.
     *
     * @throws UnsupportedOperationException if the dtype is not computable, or an array cannot have so many elements
     * @throws IllegalStateException if the checkpoint is closed
     */
    public float[] toFloatArray() {
        requireComputable();
        if (numElements > Integer.MAX_VALUE - 8) {
            throw new UnsupportedOperationException(this + " in " + file + " has more elements than an array can hold");
        }
        float[] array = new float[(int) numElements];
        try {
            copyTo(0, MemorySegment.ofArray(array), numElements);
        } catch (IllegalStateException e) {
            throw new IllegalStateException("the values of " + this + " cannot be read: its model is closed", e);
        }
        return array;
    }

    /**
     * Writes elements as floats into memory, widened or rounded as by {@link #get(long)}.
     *
     * @param from the row-major index of the first
     * @param target gets {@code count} floats in the host's byte order from its beginning; any alignment
     * @param count how many
     * @throws IndexOutOfBoundsException if tensor or target do not have so many
     * @throws UnsupportedOperationException if the dtype is not computable
     */
    public void copyTo(long from, MemorySegment target, long count) {
        copyTo(from, target, 0, count);
    }

    /**
     * As the other, to a place in the target.
     *
     * @param at how many floats of the target come before
     */
    public void copyTo(long from, MemorySegment target, long at, long count) {
        requireComputable();
        Objects.checkFromIndexSize(from, count, numElements);
        Objects.checkFromIndexSize(at, count, target.byteSize() / Float.BYTES);
        switch (dtype) {
            case F16 -> copyF16(from, target, at, count);
            case BF16 -> copyBf16(from, target, at, count);
            case F64 -> copyF64(from, target, at, count);
            case I8 -> copyQuantized(from, target, at, count);
            default -> MemorySegment.copy(data, Layouts.F32, 4 * from, target, Layouts.FLOAT, 4 * at, count);
        }
    }

    private void copyF16(long from, MemorySegment target, long at, long count) {
        for (long i = 0; i < count; i++) {
            target.set(Layouts.FLOAT, 4 * (at + i), Float.float16ToFloat(data.get(Layouts.BITS16, 2 * (from + i))));
        }
    }

    private void copyBf16(long from, MemorySegment target, long at, long count) {
        for (long i = 0; i < count; i++) {
            target.set(Layouts.FLOAT, 4 * (at + i),
                    Float.intBitsToFloat(data.get(Layouts.BITS16, 2 * (from + i)) << 16));
        }
    }

    private void copyF64(long from, MemorySegment target, long at, long count) {
        for (long i = 0; i < count; i++) {
            target.set(Layouts.FLOAT, 4 * (at + i), (float) data.get(Layouts.F64, 8 * (from + i)));
        }
    }

    /** Elements of each entry of dimension 0. */
    private long rowElements() {
        return numElements / shape[0];
    }

    private void copyQuantized(long from, MemorySegment target, long at, long count) {
        long each = rowElements();
        for (long done = 0; done < count;) {
            long row = (from + done) / each;
            long end = Math.min(count, (row + 1) * each - from);
            float scale = scales.get(row);
            long column = from + done - row * each;
            for (; done < end; done++, column++) {
                float value = data.get(ValueLayout.JAVA_BYTE, from + done) * scale;
                target.set(Layouts.FLOAT, 4 * (at + done), columnScales == null ? value
                        : value * columnScales.data.get(Layouts.F32, 4 * column));
            }
        }
    }

    private void requireComputable() {
        if (!isComputable()) {
            throw new UnsupportedOperationException("tensor \"" + name + "\" in " + file + " is " + dtype
                    + ", which is not read as floats; F32, F16, BF16 and F64 are");
        }
    }

    /** Name, dtype and shape: {@code encoder.layer.0.output.dense.weight F32 [768, 3072]}. */
    @Override
    public String toString() {
        return name + " " + dtype + " " + Arrays.toString(shape);
    }
}
