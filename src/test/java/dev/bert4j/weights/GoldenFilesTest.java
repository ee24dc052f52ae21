package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of the reference's writer, and of others that lay them out differently. */
class GoldenFilesTest {
    private static Checkpoint open(String modelCase) throws Exception {
        return Checkpoint.open(Path.of(GoldenFilesTest.class.getResource("/golden/models/" + modelCase).toURI()));
    }

    /**
     * The values of all tensors, whatever their order in the file.
     *
     * @param sha256 the beginning of the hash over the tensors' values in the order of the names, as Python's struct
     *        module reads them from the files and writes them as little-endian floats
     */
    @ParameterizedTest
    @CsvSource({
        "layout_plain_order, 46, 5f4532656293659c", "layout_padded_header, 46, 5f4532656293659c",
        "layout_unaligned, 50, 5f4532656293659c", "sharded, 47, 220ba6a33b87f55e", "sharded_bare, 39, 8c8b391e2e11228f",
        "dtype_f16, 39, 17208a5f4393c634", "dtype_bf16, 39, 6a891582c48ad25e", "dtype_f64, 39, 23a902d6e13b9291",
        "dtype_mixed, 39, 2034ae8236fcbc9e"})
    void values(String modelCase, int tensors, String sha256) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (Checkpoint checkpoint = open(modelCase)) {
            assertEquals(tensors, checkpoint.tensors().size());
            for (WeightTensor tensor : new TreeMap<>(checkpoint.tensors()).values()) {
                if (tensor.dtype().isComputable()) {
                    digest.update(SafetensorsWriter.bytes(tensor.toFloatArray()));
                }
            }
        }
        assertEquals(sha256, HexFormat.of().formatHex(digest.digest(), 0, 8));
    }

    @Test
    void layoutsHoldTheSameTensors() throws Exception {
        try (Checkpoint plain = open("layout_plain_order"); Checkpoint padded = open("layout_padded_header");
                Checkpoint unaligned = open("layout_unaligned")) {
            for (WeightTensor tensor : plain.tensors().values()) {
                for (Checkpoint other : List.of(padded, unaligned)) {
                    WeightTensor same = other.get(tensor.name());
                    assertEquals(tensor.toString(), same.toString());
                    assertEquals(-1, tensor.data().mismatch(same.data()));
                }
            }
            for (Checkpoint layout : List.of(plain, padded, unaligned)) {
                assertEquals(Map.of("format", "pt", "note", "café 😀"), layout.metadata());
            }
            float[] bias = plain.get("bert.pooler.dense.bias").toFloatArray();
            assertEquals(20, bias.length);
            assertEquals(-0.07721717f, bias[0]);
            assertEquals(0.020740082f, bias[1]);
        }
    }

    @Test
    void floatsMayStartAtOddAddresses() throws Exception {
        try (Checkpoint checkpoint = open("layout_unaligned")) {
            assertEquals("zz.u8 U8 [5]", checkpoint.get("zz.u8").toString());
            assertArrayEquals(new byte[] {0, 1, 2, 3, 4},
                    checkpoint.get("zz.u8").data().toArray(ValueLayout.JAVA_BYTE));
            assertEquals("zz.flag BOOL [3]", checkpoint.get("zz.flag").toString());
            assertEquals("zz.scalar I64 []", checkpoint.get("zz.scalar").toString());
            ByteBuffer scalar = checkpoint.get("zz.scalar").data().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            assertEquals(7, scalar.getLong());
            assertEquals("zz.empty F32 [0, 4]", checkpoint.get("zz.empty").toString());
            assertTrue(checkpoint.tensors().values().stream().filter(t -> t.dtype() == DType.F32)
                    .map(WeightTensor::data).mapToLong(MemorySegment::address).anyMatch(a -> a % 2 == 1));
        }
    }

    @Test
    void shardsAreOneModel() throws Exception {
        try (Checkpoint checkpoint = open("sharded")) {
            List<String> names = checkpoint.files().stream().map(f -> f.getFileName().toString()).toList();
            assertEquals(List.of("model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors",
                    "model-00003-of-00003.safetensors"), names);
            assertEquals(12252 + 13596 + 20076, checkpoint.sizeInBytes());
            assertEquals(Map.of("format", "pt"), checkpoint.metadata());
            assertEquals(40996, checkpoint.tensors().values().stream().mapToLong(t -> t.data().byteSize()).sum());
        }
    }

    @ParameterizedTest
    @CsvSource({"dtype_f16, F16", "dtype_bf16, BF16", "dtype_f64, F64"})
    void dtypes(String modelCase, DType dtype) throws Exception {
        try (Checkpoint checkpoint = open(modelCase)) {
            assertTrue(checkpoint.tensors().values().stream().allMatch(t -> t.dtype() == dtype));
        }
    }

    @Test
    void dtypesMayDiffer() throws Exception {
        try (Checkpoint checkpoint = open("dtype_mixed")) {
            assertEquals(DType.F16, checkpoint.get("embeddings.word_embeddings.weight").dtype());
            assertEquals(DType.BF16, checkpoint.get("encoder.layer.0.output.dense.weight").dtype());
            assertEquals(DType.F32, checkpoint.get("pooler.dense.bias").dtype());
        }
    }
}
