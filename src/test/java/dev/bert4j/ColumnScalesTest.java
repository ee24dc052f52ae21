package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.backend.NativeCpu;
import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.CheckpointException;
import dev.bert4j.weights.CheckpointQuantizer;
import dev.bert4j.weights.CheckpointWriter;
import dev.bert4j.weights.InputStatistics;
import dev.bert4j.weights.SafetensorsWriter;
import dev.bert4j.weights.WeightTensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scales of the columns of int8 weights: which have them, what they are worth, and which are refused. */
class ColumnScalesTest {
    @TempDir
    Path folder;

    /** With scales of columns, by words at random. */
    static Path quantize(Path source, Path target) throws IOException {
        try (BertModel model = BertModel.fromPretrained(source, LoadOptions.defaults().withInitSeed(1))) {
            CheckpointQuantizer.quantize(source, target, false, true, new InputRanges(model), percent -> { });
        }
        return target;
    }

    /** Every value is within half a step, which the scales of row and column make. */
    @Test
    void columnsHaveScalesWhereInputsAreNormalised() throws Exception {
        Path source = QuantizedModelTest.odd(folder);
        try (Checkpoint before = Checkpoint.open(source);
                Checkpoint after = Checkpoint.open(quantize(source, folder.resolve("int8")))) {
            int with = 0;
            for (WeightTensor tensor : after.tensors().values()) {
                boolean normalised = tensor.name().matches(".*(query|key|value|intermediate\\.dense)\\.weight");
                assertEquals(normalised, tensor.columnScales() != null, tensor.name());
                if (!normalised) {
                    continue;
                }
                with++;
                float[] was = before.get(tensor.name()).toFloatArray();
                float[] is = tensor.toFloatArray();
                float[] columns = tensor.columnScales().toFloatArray();
                for (int i = 0; i < was.length; i++) {
                    float step = tensor.scales().get(i / columns.length) * columns[i % columns.length];
                    assertEquals(was[i], is[i], step * 0.5001f + 1e-6f * Math.abs(was[i]), tensor.name());
                    assertEquals(is[i], tensor.get(i));
                    assertEquals(is[i], tensor.data().get(ValueLayout.JAVA_BYTE, i)
                            * tensor.scales().get(i / columns.length) * columns[i % columns.length]);
                }
            }
            assertEquals(2 * 4, with);
            float[] query = after.get("encoder.layer.1.attention.self.query.weight").columnScales().toFloatArray();
            assertArrayEquals(query,
                    after.get("encoder.layer.1.attention.self.value.weight").columnScales().toFloatArray());
            assertTrue(IntStream.range(0, query.length).anyMatch(k -> query[k] != query[0]));
        }
    }

    /** A feature a hundred times as large as the others would leave these a step or two. */
    @Test
    void aLargeFeatureCostsTheOthersLittle() throws Exception {
        Path source = QuantizedModelTest.odd(folder);
        try (Checkpoint checkpoint = Checkpoint.open(source)) {
            Map<String, WeightTensor> tensors = new LinkedHashMap<>(checkpoint.tensors());
            tensors.replaceAll((name, tensor) -> tensor.rank() < 2 || !name.startsWith("encoder") ? tensor
                    : WeightTensor.of(name, times(tensor.toFloatArray(), 8), tensor.shape()));
            for (String norm : List.of("embeddings.LayerNorm", "encoder.layer.0.attention.output.LayerNorm",
                    "encoder.layer.0.output.LayerNorm", "encoder.layer.1.attention.output.LayerNorm")) {
                String name = norm + ".weight";
                float[] weights = tensors.get(name).toFloatArray();
                weights[7] = 100;
                tensors.put(name, WeightTensor.of(name, weights, weights.length));
            }
            CheckpointWriter.write(folder.resolve("large"), tensors, Long.MAX_VALUE,
                    Map.of(BertConfig.FILE, Files.readAllBytes(source.resolve(BertConfig.FILE))));
        }
        NativeCpu.require();
        Path large = folder.resolve("large");
        Path byRows = folder.resolve("rows");
        CheckpointQuantizer.quantize(large, byRows, false, false, percent -> { });
        double plain = errorOfBytes(large, byRows);
        double byColumns = errorOfBytes(large, quantize(large, folder.resolve("int8")));
        assertTrue(byColumns < 0.5 * plain, byColumns + " is not much less than " + plain);
    }

    private static float[] times(float[] values, float factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return values;
    }

    private static double errorOfBytes(Path source, Path int8) throws IOException {
        LoadOptions options = LoadOptions.defaults().withInitSeed(1);
        double sum = 0;
        try (BertModel exact = BertModel.fromPretrained(source, options);
                BertModel bytes = BertModel.fromPretrained(int8, options.withBackend("nativecpu:int8"))) {
            for (BertInput input : QuantizedModelTest.inputs(50)) {
                float[] expected = exact.forward(input).lastHiddenState().data();
                float[] found = bytes.forward(input).lastHiddenState().data();
                for (int i = 0; i < expected.length; i++) {
                    sum += i % 39 == 7 ? 0 : Math.pow(expected[i] - found[i], 2);
                }
            }
        }
        return sum;
    }

    @Test
    void thoseThatFitNothingAreRefused() throws Exception {
        assertTrue(refusal("1", "F32", 2).contains("says that its int8 weights are of version 1, but has"
                + " w_column_scale, which is of version 2"), refusal("1", "F32", 2));
        assertEquals(null, refusal("2", "F32", 2));
        assertTrue(refusal("2", "F32", 3).contains("w_column_scale\" must be of type F32 with one value for each column"
                + " of w"), refusal("2", "F32", 3));
        assertTrue(refusal("2", "I32", 2).contains("w_column_scale"));
        assertTrue(refusal("2", "F32", 2, -1).contains("has the value -1.0 for column 1; scales are finite numbers"));
    }

    /** Shards with nothing but rows, before and behind those with columns. */
    @Test
    void inShardsTheyAreKept() throws Exception {
        Path source = QuantizedModelTest.odd(folder);
        Path int8 = folder.resolve("int8");
        LoadOptions options = LoadOptions.defaults().withInitSeed(1);
        try (BertModel model = BertModel.fromPretrained(source, options)) {
            CheckpointQuantizer.quantize(source, int8, true, true, new InputRanges(model), percent -> { });
        }
        Path sharded = folder.resolve("sharded");
        BertInput input = QuantizedModelTest.inputs(50).getLast();
        try (BertModel model = BertModel.fromPretrained(int8, options)) {
            model.savePretrained(sharded, SaveOptions.defaults().withMaxShardSize(2500));
            try (BertModel again = BertModel.fromPretrained(sharded); Checkpoint files = Checkpoint.open(sharded)) {
                assertTrue(files.files().size() > 5);
                Bits.assertSame(model.forward(input).lastHiddenState(), again.forward(input).lastHiddenState(),
                        "in " + files.files().size() + " files");
            }
        }
    }

    @Test
    void inputsOfAnotherModelAreRefused() throws Exception {
        Path source = QuantizedModelTest.odd(folder);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> CheckpointQuantizer.quantize(source,
                folder.resolve("new"), false, false, name -> new InputStatistics(new float[7], null, null),
                percent -> { })).getMessage().endsWith("has 7 features, and its columns are 39."));
    }

    private String refusal(String version, String type, int count, float... last) throws IOException {
        ByteBuffer columns = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        columns.putFloat(4 * count - 4, last.length > 0 ? last[0] : 1);
        Path file = new SafetensorsWriter().metadata(Map.of("bert4j.int8", version))
                .add("w", "I8", List.of(3L, 2L), new byte[6]).add("w_scale", "F32", List.of(3L), new byte[12])
                .add("w_column_scale", type, List.of((long) count), columns.array())
                .write(folder.resolve("columns.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertNotNull(checkpoint.get("w").columnScales());
            return null;
        } catch (CheckpointException e) {
            return e.getMessage();
        }
    }
}
