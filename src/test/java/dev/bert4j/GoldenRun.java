package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.json.Json;
import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** One call of the reference: its arguments, its results, and how far ours were from them. */
public final class GoldenRun implements AutoCloseable {
    /** The golden README derives it: the reference itself is within 1e-5 of float64, and a float32 rounds elsewhere. */
    public static final double TOLERANCE = 1e-4;

    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Checkpoint file;
    private final Map<String, String> metadata;
    private final Set<String> left = new TreeSet<>();
    private double deviation;

    /** Opens a run file. */
    public GoldenRun(Path path) throws IOException {
        file = Checkpoint.open(path);
        metadata = file.metadata();
        file.tensors().keySet().stream().filter(name -> name.startsWith("out.")).forEach(left::add);
    }

    /** A string of the metadata. */
    public String metadata(String key) {
        return metadata.getOrDefault(key, "");
    }

    /** A JSON object of the metadata. */
    @SuppressWarnings("unchecked")
    public Map<String, Object> object(String key) throws IOException {
        return metadata.containsKey(key) ? (Map<String, Object>) Json.parse(metadata.get(key), key) : Map.of();
    }

    /** An argument as floats, or null if it was not given. */
    public Tensor floats(String name) {
        WeightTensor tensor = file.get("in." + name);
        return tensor == null ? null : tensor(tensor);
    }

    /** Whether an argument was given as integers. */
    public boolean isInteger(String name) {
        WeightTensor tensor = file.get("in." + name);
        return tensor != null && tensor.dtype() == DType.I64;
    }

    /** An argument as a vector of integers, or null if it was not given. */
    public int[] integers(String name) {
        WeightTensor tensor = file.get("in." + name);
        if (tensor == null) {
            return null;
        }
        int[] values = new int[(int) tensor.numElements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.toIntExact(tensor.data().getAtIndex(I64, i));
        }
        return values;
    }

    /** The shape of an argument that was given. */
    public int[] shape(String name) {
        return Arrays.stream(file.get("in." + name).shape()).mapToInt(Math::toIntExact).toArray();
    }

    /** An argument as a matrix of integers, whose rows run through all dimensions but the last; null if not given. */
    public int[][] ids(String name) {
        int[] values = integers(name);
        if (values == null) {
            return null;
        }
        int[] shape = shape(name);
        int columns = shape[shape.length - 1];
        int[][] ids = new int[values.length / columns][];
        for (int row = 0; row < ids.length; row++) {
            ids[row] = Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
        }
        return ids;
    }

    private static Tensor tensor(WeightTensor tensor) {
        int[] shape = Arrays.stream(tensor.shape()).mapToInt(Math::toIntExact).toArray();
        if (tensor.dtype() == DType.I64) {
            float[] values = new float[(int) tensor.numElements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.data().getAtIndex(I64, i);
            }
            return Tensor.of(values, shape);
        }
        return Tensor.of(tensor.toFloatArray(), shape);
    }

    /** Compares a result; null stands for one that we do not give. A result the file does not have is passed over. */
    public void check(String name, Tensor actual) {
        WeightTensor expected = file.get("out." + name);
        if (expected == null) {
            return;
        }
        left.remove("out." + name);
        assertTrue(actual != null, name + " is missing");
        int[] shape = Arrays.stream(expected.shape()).mapToInt(Math::toIntExact).toArray();
        assertArrayEquals(shape, actual.shape(), "shape of " + name);
        float[] values = expected.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            double want = values[i];
            double got = actual.data()[i];
            if (Double.isNaN(want)) {
                assertTrue(Double.isNaN(got), name + "[" + i + "] is " + got + " instead of NaN");
                continue;
            }
            double relative = Math.abs(got - want) / (1 + Math.abs(want));
            assertTrue(relative <= TOLERANCE, name + "[" + i + "] is " + got + " instead of " + want);
            deviation = Math.max(deviation, relative);
        }
    }

    /** Compares a list of results, {@code name.0} and so on. */
    public void check(String name, java.util.List<Tensor> actual) {
        for (int i = 0; file.get("out." + name + "." + i) != null; i++) {
            check(name + "." + i, actual == null || i >= actual.size() ? null : actual.get(i));
        }
    }

    /** The largest deviation so far; fails if a result of the file was not compared. */
    public double finish() {
        assertTrue(left.isEmpty(), "not compared: " + left);
        return deviation;
    }

    @Override
    public void close() {
        file.close();
    }
}
