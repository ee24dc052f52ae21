package dev.bert4j.backend.vector;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.weights.WeightTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Widening} at one width. The bytes are copied to an array first: a copy of a mapping that was cut off faults in
 * a way that the JVM expects, and a vector load does not.
 */
final class WideningKernel implements Widening {
    private static final VectorSpecies<Float> S = Width.of(MethodHandles.lookup());
    private static final Class<? extends FloatVector> VECTOR = S.vectorType().asSubclass(FloatVector.class);
    private static final VectorSpecies<Integer> INTS = S.withLanes(int.class);
    private static final VectorSpecies<Byte> HALVES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(S.vectorBitSize() / 2));
    /** No vector has fewer than 64 bits: at the least width, two of floats come of one of bytes. */
    private static final VectorSpecies<Byte> QUARTERS =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, S.vectorBitSize() / 4)));
    private static final Class<? extends IntVector> INT_VECTOR = INTS.vectorType().asSubclass(IntVector.class);
    private static final Class<? extends ByteVector> HALF_VECTOR = HALVES.vectorType().asSubclass(ByteVector.class);
    private static final Class<? extends ShortVector> SHORT_VECTOR =
            HALVES.withLanes(short.class).vectorType().asSubclass(ShortVector.class);
    private static final Class<? extends ByteVector> QUARTER_VECTOR =
            QUARTERS.vectorType().asSubclass(ByteVector.class);
    private static final int V = S.length();
    private static final int PARTS = QUARTERS.length() / V;
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    /** 2¹¹², by which a binary16 is too small whose bits stand where those of a binary32 do. */
    private static final float REBIAS = 0x1p112f;

    WideningKernel() {
    }

    @Override
    public void widen(CpuParameter parameter, int row, int rows, Floats target, int slice, int step,
            byte[] staging) {
        WeightTensor weight = parameter.tensor();
        int columns = (int) (weight.numElements() / weight.size(0));
        int bytes = weight.dtype().bits() / 8;
        if (!LITTLE || bytes > 2 || weight.scales() == null && bytes == 1) {
            for (int i = 0; i < rows; i++) {
                for (int column = 0; column < columns; column += slice) {
                    weight.copyTo((long) (row + i) * columns + column, target.segment(),
                            WidenedRows.at(i, column, rows, slice, step), Math.min(slice, columns - column));
                }
            }
            return;
        }
        // Whole rows, which lie one behind the other; or parts of one that is too long.
        int wide = Math.min(columns, staging.length / bytes);
        int high = Math.max(staging.length / bytes / columns, 1);
        for (int first = 0; first < rows; first += high) {
            int end = Math.min(first + high, rows);
            for (int column = 0; column < columns; column += wide) {
                int count = Math.min(wide, columns - column);
                MemorySegment.copy(weight.data(), ValueLayout.JAVA_BYTE,
                        ((long) (row + first) * columns + column) * bytes, staging, 0, (end - first) * count * bytes);
                for (int i = first; i < end; i++) {
                    int source = (i - first) * count * bytes;
                    for (int c = column; c < column + count;) {
                        int here = Math.min(column + count - c, slice - c % slice);
                        part(parameter, row + i, c, here, staging, source, target,
                                WidenedRows.at(i, c, rows, slice, step));
                        c += here;
                        source += here * bytes;
                    }
                }
            }
        }
    }

    /** Widens {@code count} weights of a row, from a column on, whose bytes have been copied. */
    private static void part(CpuParameter parameter, int row, int column, int count, byte[] source, int from,
            Floats target, int at) {
        WeightTensor weight = parameter.tensor();
        float[] to = target.values();
        int whole = switch (weight.dtype()) {
            case BF16 -> bf16(source, from, to, at, count);
            case F16 -> f16(source, from, to, at, count);
            default -> parameter.columnScales() == null
                    ? int8(source, from, to, at, count, weight.scales().get(row))
                    : scaled(source, from, to, at, count, weight.scales().get(row), parameter.columnScales().values(),
                            column);
        };
        if (whole < count) {
            long columns = weight.numElements() / weight.size(0);
            weight.copyTo(row * columns + column + whole, target.segment(), at + whole, count - whole);
        }
    }

    /** Each answers how many it has done: a multiple of the lanes. */
    private static int bf16(byte[] source, int from, float[] to, int at, int count) {
        int whole = count - count % V;
        for (int i = 0; i < whole; i += V) {
            IntVector bits = INT_VECTOR.cast(SHORT_VECTOR.cast(HALF_VECTOR.cast(ByteVector.fromArray(HALVES, source,
                    from + 2 * i)).reinterpretAsShorts()).convertShape(ZERO_EXTEND_S2I, INTS, 0));
            VECTOR.cast(bits.lanewise(LSHL, 16).reinterpretAsFloats()).intoArray(to, at + i);
        }
        return whole;
    }

    /** Bits are put in place and the exponent corrected by a product, which is exact for denormal numbers, too. */
    private static int f16(byte[] source, int from, float[] to, int at, int count) {
        int whole = count - count % V;
        for (int i = 0; i < whole; i += V) {
            IntVector bits = INT_VECTOR.cast(SHORT_VECTOR.cast(HALF_VECTOR.cast(ByteVector.fromArray(HALVES, source,
                    from + 2 * i)).reinterpretAsShorts()).convertShape(ZERO_EXTEND_S2I, INTS, 0));
            IntVector sign = bits.lanewise(AND, 0x8000).lanewise(LSHL, 16);
            IntVector magnitude = bits.lanewise(AND, 0x7FFF).lanewise(LSHL, 13);
            IntVector finite = INT_VECTOR.cast(VECTOR.cast(magnitude.reinterpretAsFloats()).mul(REBIAS)
                    .reinterpretAsInts());
            IntVector special = magnitude.lanewise(OR, 0x7F800000);
            var isSpecial = bits.lanewise(AND, 0x7C00).compare(EQ, 0x7C00);
            VECTOR.cast(finite.blend(special, isSpecial).lanewise(OR, sign).reinterpretAsFloats())
                    .intoArray(to, at + i);
        }
        return whole;
    }

    private static int int8(byte[] source, int from, float[] to, int at, int count, float scale) {
        int step = V * PARTS;
        int whole = count - count % step;
        for (int i = 0; i < whole; i += step) {
            ByteVector bytes = QUARTER_VECTOR.cast(ByteVector.fromArray(QUARTERS, source, from + i));
            VECTOR.cast(bytes.convertShape(B2F, S, 0)).mul(scale).intoArray(to, at + i);
            if (PARTS > 1) {
                VECTOR.cast(bytes.convertShape(B2F, S, 1)).mul(scale).intoArray(to, at + i + V);
            }
        }
        return whole;
    }

    /** The same, times the scales of columns. */
    private static int scaled(byte[] source, int from, float[] to, int at, int count, float scale, float[] by,
            int byAt) {
        int step = V * PARTS;
        int whole = count - count % step;
        for (int i = 0; i < whole; i += step) {
            ByteVector bytes = QUARTER_VECTOR.cast(ByteVector.fromArray(QUARTERS, source, from + i));
            VECTOR.cast(bytes.convertShape(B2F, S, 0)).mul(scale).mul(FloatVector.fromArray(S, by, byAt + i))
                    .intoArray(to, at + i);
            if (PARTS > 1) {
                VECTOR.cast(bytes.convertShape(B2F, S, 1)).mul(scale).mul(FloatVector.fromArray(S, by, byAt + i + V))
                        .intoArray(to, at + i + V);
            }
        }
        return whole;
    }
}
