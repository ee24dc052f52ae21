package dev.bert4j.backend;

import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.SafetensorsWriter;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes weights of every type that lie in mapped files, as those of a model do, at even and at odd addresses. */
public final class Weights implements AutoCloseable {
    private final Path folder;
    private final Random random;
    private final List<Checkpoint> open = new ArrayList<>();

    /** Files go to {@code folder}, values follow from {@code seed}. */
    public Weights(Path folder, long seed) {
        this.folder = folder;
        this.random = new Random(seed);
    }

    /** Normal values of that type and shape; {@code padding} bytes before them move their address. */
    public WeightTensor random(DType type, int padding, long... shape) {
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        ByteBuffer bytes = ByteBuffer.allocate(count * type.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            double value = random.nextGaussian() / 4;
            switch (type) {
                case F32 -> bytes.putFloat((float) value);
                case F16 -> bytes.putShort(Float.floatToFloat16((float) value));
                case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits((float) value) >>> 16));
                case F64 -> bytes.putDouble(value);
                default -> throw new IllegalArgumentException(type.toString());
            }
        }
        SafetensorsWriter writer = new SafetensorsWriter();
        if (padding > 0) {
            writer.add("padding", "U8", List.of((long) padding), new byte[padding]);
        }
        return written(writer.add("w", type.name(), Arrays.stream(shape).boxed().toList(), bytes.array()));
    }

    /** Quantised values; whether their columns have scales, too. */
    public WeightTensor int8(int rows, int depth, boolean ofColumns) {
        byte[] values = new byte[rows * depth];
        random.nextBytes(values);
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) Math.max(values[i], -127);
        }
        SafetensorsWriter writer = new SafetensorsWriter().metadata(Map.of("bert4j.int8", "2"))
                .add("w", "I8", List.of((long) rows, (long) depth), values)
                .add("w_scale", "F32", List.of((long) rows), scales(rows, 0.01f));
        return written(!ofColumns ? writer
                : writer.add("w_column_scale", "F32", List.of((long) depth), scales(depth, 2)));
    }

    private byte[] scales(int count, float most) {
        ByteBuffer scales = ByteBuffer.allocate(Float.BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            scales.putFloat(random.nextFloat() * most);
        }
        return scales.array();
    }

    private WeightTensor written(SafetensorsWriter writer) {
        try {
            open.add(Checkpoint.open(writer.write(folder.resolve("w" + open.size() + ".safetensors"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return open.getLast().get("w");
    }

    /** fp32 values, aligned. */
    public WeightTensor random(long... shape) {
        for (int padding = 0;; padding++) {
            WeightTensor tensor = random(DType.F32, padding, shape);
            if (tensor.data().address() % Float.BYTES == 0) {
                return tensor;
            }
        }
    }

    /** fp32 values at an address that no float has by itself. */
    public WeightTensor unaligned(long... shape) {
        for (int padding = 0;; padding++) {
            WeightTensor tensor = random(DType.F32, padding, shape);
            if (tensor.data().address() % Float.BYTES != 0) {
                return tensor;
            }
        }
    }

    /** Normal floats. */
    public float[] floats(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** An integer in {@code [0, bound)}. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    @Override
    public void close() {
        open.forEach(Checkpoint::close);
    }
}
