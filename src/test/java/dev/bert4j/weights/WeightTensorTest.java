package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightTensorTest {
    @TempDir
    Path folder;

    @Test
    void shapeAndPlace() throws Exception {
        Path file = new SafetensorsWriter().add("a.weight", "F32", List.of(2L, 3L), new byte[24])
                .write(folder.resolve("m.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            WeightTensor tensor = checkpoint.get("a.weight");
            assertEquals("a.weight", tensor.name());
            assertEquals("a.weight F32 [2, 3]", tensor.toString());
            assertEquals(file, tensor.file());
            assertEquals(2, tensor.rank());
            assertEquals(3, tensor.size(1));
            assertEquals(6, tensor.numElements());
            tensor.shape()[0] = 7;
            assertArrayEquals(new long[] {2, 3}, tensor.shape());
            assertThrows(IndexOutOfBoundsException.class, () -> tensor.size(2));
            assertThrows(IndexOutOfBoundsException.class, () -> tensor.size(-1));
            assertTrue(tensor.data().isMapped() && tensor.data().isReadOnly());
            assertEquals(24, tensor.data().byteSize());
        }
    }

    @Test
    void everyHalfWidens() throws Exception {
        byte[] all = new byte[2 << 16];
        for (int i = 0; i < 1 << 16; i++) {
            all[2 * i] = (byte) i;
            all[2 * i + 1] = (byte) (i >> 8);
        }
        assertWidens("F16", all, i -> decode(i, 5, 10));
        assertWidens("BF16", all, i -> decode(i, 8, 7));
    }

    /** The value that sign, exponent and fraction say, by the definition of IEEE 754. */
    private static float decode(int bits, int exponentBits, int fractionBits) {
        int exponent = bits >> fractionBits & (1 << exponentBits) - 1;
        int fraction = bits & (1 << fractionBits) - 1;
        int bias = (1 << exponentBits - 1) - 1;
        double sign = bits >> 15 == 0 ? 1 : -1;
        if (exponent == (1 << exponentBits) - 1) {
            return fraction == 0 ? (float) (sign * Double.POSITIVE_INFINITY) : Float.NaN;
        }
        double significand = fraction / (double) (1 << fractionBits) + (exponent == 0 ? 0 : 1);
        return (float) (sign * significand * Math.pow(2, Math.max(exponent, 1) - bias));
    }

    @Test
    void doublesRoundToTheNearestFloat() throws Exception {
        var random = new Random(1);
        double[] values = random.doubles(2000, -1, 1).map(d -> d * Math.pow(2, random.nextInt(300) - 160)).toArray();
        values[0] = 1 + Math.ulp(1f) / 2;
        values[1] = 1 + Math.ulp(1f) * 1.5;
        values[2] = Float.MIN_VALUE / 2;
        values[3] = Float.MAX_VALUE + (double) Math.ulp(Float.MAX_VALUE) / 2;
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        assertWidens("F64", bytes.array(), i -> new BigDecimal(values[i]).floatValue());
    }

    @Test
    void floatsAreTheirBits() throws Exception {
        var random = new Random(2);
        float[] values = new float[3000];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(random.nextInt());
        }
        assertWidens("F32", SafetensorsWriter.bytes(values), i -> values[i]);
    }

    private interface Expected {
        float at(int index);
    }

    /** By get, as an array, and copied in pieces into memory that is not aligned; the tensor is not aligned either. */
    private void assertWidens(String dtype, byte[] bytes, Expected expected) throws IOException {
        int count = bytes.length / (DType.valueOf(dtype).bits() / 8);
        Path file = new SafetensorsWriter().add("pad", "U8", List.of(1L), new byte[1])
                .add("t", dtype, List.of((long) count), bytes).write(folder.resolve(dtype + ".safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(file); Arena arena = Arena.ofConfined()) {
            WeightTensor tensor = checkpoint.get("t");
            float[] array = tensor.toFloatArray();
            MemorySegment target = arena.allocate(4L * count + 1).asSlice(1);
            int cut = count / 3 + 1;
            tensor.copyTo(0, target, cut);
            tensor.copyTo(cut, target.asSlice(4L * cut), count - cut);
            for (int i = 0; i < count; i++) {
                float value = expected.at(i);
                assertEquals(value, tensor.get(i), dtype);
                assertEquals(value, array[i], dtype);
                assertEquals(value, target.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i), dtype);
            }
        }
    }

    @Test
    void nothingOutsideIsReadOrWritten() throws Exception {
        Path file = new SafetensorsWriter().addFloats("a", 1, 2, 3).addFloats("b", 4)
                .write(folder.resolve("m.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            WeightTensor tensor = checkpoint.get("a");
            for (long index : new long[] {-1, 3, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 62}) {
                assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(index));
                assertThrows(IndexOutOfBoundsException.class,
                        () -> tensor.copyTo(index, MemorySegment.ofArray(new float[1]), 1));
                assertThrows(IndexOutOfBoundsException.class,
                        () -> tensor.copyTo(0, MemorySegment.ofArray(new float[9]), index == 3 ? 4 : index));
            }
            float[] target = {9, 9, 9};
            assertThrows(IndexOutOfBoundsException.class,
                    () -> tensor.copyTo(0, MemorySegment.ofArray(target).asSlice(0, 11), 3));
            assertArrayEquals(new float[] {9, 9, 9}, target);
            tensor.copyTo(1, MemorySegment.ofArray(target), 2);
            assertArrayEquals(new float[] {2, 3, 9}, target);
            tensor.copyTo(3, MemorySegment.ofArray(target), 0);
        }
    }

    @Test
    void onlyFloatsAreComputable() throws Exception {
        Path file = SafetensorsWriter.everyDtype().write(folder.resolve("m.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (DType dtype : DType.values()) {
                WeightTensor tensor = checkpoint.get("of." + dtype);
                assertEquals(List.of("F16", "BF16", "F32", "F64").contains(dtype.name()), dtype.isComputable());
                if (dtype.isComputable()) {
                    tensor.get(0);
                } else {
                    String sentence = "tensor \"of." + dtype + "\" in " + file + " is " + dtype
                            + ", which is not read as floats; F32, F16, BF16 and F64 are";
                    var e = assertThrows(UnsupportedOperationException.class, () -> tensor.get(0));
                    assertEquals(sentence, e.getMessage());
                    assertThrows(UnsupportedOperationException.class, tensor::toFloatArray);
                    assertThrows(UnsupportedOperationException.class,
                            () -> tensor.copyTo(0, MemorySegment.ofArray(new float[1]), 1));
                }
            }
        }
    }
}
