package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.Golden;
import dev.bert4j.weights.TorchWriter.Pickle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tensors a file of torch.save holds, and how they lie in it. */
class TorchFileTest {
    @TempDir
    Path folder;

    private Checkpoint open(byte[] bytes) throws IOException {
        return Checkpoint.open(Files.write(folder.resolve("pytorch_model.bin"), bytes));
    }

    private void assertRefused(byte[] bytes, String sentence) {
        String message = assertThrows(CheckpointException.class, () -> open(bytes).close()).getMessage();
        assertTrue(message.startsWith(folder.resolve("pytorch_model.bin") + ": ") && message.contains(sentence),
                message);
    }

    private static byte[] ofPickle(Pickle pickle) {
        return TorchWriter.file("archive", pickle.bytes(), Map.of(), false);
    }

    private static TorchWriter six() {
        return new TorchWriter().floats("0", 1, 2, 3, 4, 5, 6);
    }

    @ParameterizedTest
    @CsvSource({"archive, false", "pytorch_model, true", "a name with spaces, false", "é, true"})
    void sharedStoragesLieInPlace(String name, boolean zip64) throws Exception {
        TorchWriter file = six().tensor("all", "0", 2, 3).tensor("tail", "0", 3, new long[] {3}, new long[] {1})
                .tensor("again", "0", 2, 3).tensor("one", "0", 4, new long[] {}, new long[] {})
                .tensor("row", "0", 0, new long[] {1, 6, 1}, new long[] {77, 1, 5}).entry("byteorder", "little");
        try (Checkpoint checkpoint = open((zip64 ? file.zip64() : file).bytes(name))) {
            assertEquals(List.of("all", "tail", "again", "one", "row"), List.copyOf(checkpoint.tensors().keySet()));
            WeightTensor all = checkpoint.get("all");
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, all.toFloatArray());
            assertArrayEquals(new long[] {2, 3}, all.shape());
            assertArrayEquals(new float[] {4, 5, 6}, checkpoint.get("tail").toFloatArray());
            assertArrayEquals(new float[] {5}, checkpoint.get("one").toFloatArray());
            assertEquals(0, checkpoint.get("one").rank());
            assertEquals(all.data().address() + 12, checkpoint.get("tail").data().address());
            assertEquals(all.data().address(), checkpoint.get("again").data().address());
            assertEquals(all.data().address(), checkpoint.get("row").data().address());
            assertTrue(all.data().isReadOnly());
            assertEquals(folder.resolve("pytorch_model.bin"), all.file());
            assertEquals(Map.of(), checkpoint.metadata());
        }
    }

    @Test
    void stridesAreCopiedOnce() throws Exception {
        TorchWriter file = six().tensor("t", "0", 0, new long[] {3, 2}, new long[] {1, 3})
                .tensor("tied", "0", 0, new long[] {3, 2}, new long[] {1, 3})
                .tensor("gap", "0", 1, new long[] {2, 2}, new long[] {3, 1})
                .tensor("expanded", "0", 2, new long[] {3, 1}, new long[] {0, 1});
        try (Checkpoint checkpoint = open(file.bytes("archive"))) {
            assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, checkpoint.get("t").toFloatArray());
            assertArrayEquals(new float[] {2, 3, 5, 6}, checkpoint.get("gap").toFloatArray());
            assertArrayEquals(new float[] {3, 3, 3}, checkpoint.get("expanded").toFloatArray());
            assertEquals(checkpoint.get("t").data().address(), checkpoint.get("tied").data().address());
            assertTrue(checkpoint.get("t").data().isReadOnly());
        }
    }

    @Test
    void stridesOfFourDimensions() throws Exception {
        float[] values = new float[120];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        long[] strides = {1, 60, 4, 12};
        TorchWriter file = new TorchWriter().floats("0", values).tensor("t", "0", 0, new long[] {4, 2, 3, 5}, strides);
        try (Checkpoint checkpoint = open(file.bytes("archive"))) {
            float[] expected = new float[120];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = i / 30 + i / 15 % 2 * 60 + i / 5 % 3 * 4 + i % 5 * 12;
            }
            assertArrayEquals(expected, checkpoint.get("t").toFloatArray());
        }
    }

    @ParameterizedTest
    @CsvSource({"Float, F32", "Half, F16", "BFloat16, BF16", "Double, F64", "Long, I64", "Int, I32", "Short, I16",
        "Char, I8", "Byte, U8", "Bool, BOOL", "ComplexFloat, C64"})
    void types(String storage, DType dtype) throws Exception {
        TorchWriter file = new TorchWriter().storage("k", storage, 2, new byte[dtype.bits() / 4]).tensor("t", "k", 2)
                .tensor("none", "k", 3, 0);
        try (Checkpoint checkpoint = open(file.bytes("archive"))) {
            assertEquals("t " + dtype + " [2]", checkpoint.get("t").toString());
            assertEquals(0, checkpoint.get("none").data().byteSize());
        }
    }

    /** As types are saved that have no storage class of their own, and as protocol 4 writes it. */
    @Test
    void untypedStoragesAndShortForms() throws Exception {
        Pickle pickle = new Pickle().op(0x80, 4, 0x95).op(new int[8]).op('}', 0x94, '(').op(0x8c, 1, 'w', 0x94)
                .op(0x8c, 12).op("torch._utils".chars().toArray())
                .op(0x8c, 18).op("_rebuild_tensor_v3".chars().toArray()).op(0x93, '(')
                .storage("0", "torch.storage.UntypedStorage 6").number(1).numbers(2).numbers(1).op(0x89, 'N')
                .global("torch", "uint16").op('t', 'R').op(0x8d, 1, 0, 0, 0, 0, 0, 0, 0, 'n').op('h', 0, 'u', '.');
        byte[] bytes = TorchWriter.file("x", pickle.bytes(), Map.of("data/0", new byte[] {1, 2, 3, 4, 5, 6}), false);
        try (Checkpoint checkpoint = open(bytes)) {
            assertEquals("[w U16 [2]]", checkpoint.tensors().values().toString());
            assertEquals(3, checkpoint.get("w").data().get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    @Test
    void anyNameAndContentBesideTensors() throws Exception {
        Pickle pickle = new Pickle().op(0x80, 2, '}', '(').text("epoch").number(-3).text("rate").op('G').op(new int[8])
                .text("on").op(0x88).text("nothing").op('N').text("list").op(']', 'q', 0, 'h', 0, 'a').op('K', 7)
                .text("seven").text("w").tensor("0", "FloatStorage 1", 0, new long[] {1}, new long[] {1})
                .op('u', '}', 'b', '.');
        Path file = Files.write(folder.resolve("weights.of.any.name"),
                TorchWriter.file("a", pickle.bytes(), Map.of("data/0", SafetensorsWriter.bytes(8)), true));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertEquals("[w]", checkpoint.tensors().keySet().toString());
            assertEquals(8, checkpoint.get("w").get(0));
        }
    }

    @Test
    void compressedEntriesAndBigEndianFilesAreRefused() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(new byte[1000]);
        }
        assertRefused(bytes.toByteArray(), "its entry \"archive/data.pkl\" is compressed and cannot be used in place");
        assertRefused(six().tensor("t", "0", 6).entry("byteorder", "big").bytes("archive"),
                "its byteorder is \"big\", and only little-endian files are read");
    }

    @Test
    void zipsOfOtherThings() {
        assertRefused(TorchWriter.zip(Map.of("word/document.xml", new byte[9]), false),
                "it is a zip without a data.pkl, so not one that torch.save wrote");
        assertRefused("not a zip at all".getBytes(StandardCharsets.UTF_8),
                "it is not what torch.save writes: neither a zip nor, as before PyTorch 1.6, pickles");
        assertRefused(new byte[0], "it is not what torch.save writes");
        assertRefused("version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.UTF_8),
                "it is a Git LFS pointer and not the weights");
        assertRefused(ofPickle(new Pickle().op(0x80, 2, ']', '.')), "it holds something other than tensors by name");
        assertRefused(ofPickle(new Pickle().op(0x80, 2, '}').text("state_dict").op('}', 's', '.')),
                "it holds no tensors by name, but \"state_dict\"; save the model's state_dict() alone");
    }

    @Test
    void tensorsMustLieInTheirStorages() {
        assertRefused(new TorchWriter().tensor("t", "9", 1).bytes("archive"),
                "tensor \"t\" is in the storage \"9\", which the file does not have");
        assertRefused(new TorchWriter().storage("0", "Float", 7, new byte[24]).tensor("t", "0", 1).bytes("archive"),
                "tensor \"t\" is in a storage of 7 elements of F32, for which the file has 24 bytes");
        assertRefused(six().tensor("t", "0", 7).bytes("archive"),
                "tensor \"t\" reaches to element 6 of a storage of 24 bytes");
        assertRefused(six().tensor("t", "0", 5, new long[] {2, 2}, new long[] {0, 1}).bytes("archive"),
                "reaches to element 6");
        assertRefused(six().tensor("t", "0", -1, new long[] {1}, new long[] {1}).bytes("archive"),
                "must have a stride for each size and nothing below 0");
        assertRefused(six().tensor("t", "0", 3, new long[] {2}, new long[] {-1}).bytes("archive"), "nothing below 0");
        assertRefused(six().tensor("t", "0", 0, new long[] {2}, new long[] {}).bytes("archive"), "a stride for each");
        long huge = Long.MAX_VALUE;
        for (long[] sizes : List.of(new long[] {huge}, new long[] {1L << 32, 1L << 32}, new long[] {-1, huge})) {
            assertRefused(six().tensor("t", "0", sizes).bytes("archive"), "tensor \"t\" ");
        }
        assertRefused(six().tensor("t", "0", 1, new long[] {2}, new long[] {huge}).bytes("archive"), "too large");
    }

    @Test
    void copiesNeverTakeMoreThanTheFile() {
        assertRefused(six().tensor("t", "0", 0, new long[] {1L << 40}, new long[] {0}).bytes("archive"),
                "tensor \"t\" repeats elements of its storage, so that copies would take more bytes than the file has,"
                        + " 4398046511104 for this one; save a contiguous() tensor");
        TorchWriter many = six();
        for (int i = 0; i < 1000; i++) {
            many.tensor("t" + i, "0", 0, new long[] {10, 20 + i}, new long[] {0, 0});
        }
        assertRefused(many.bytes("archive"), "repeats elements of its storage");
    }

    /** Whatever is missing of a file, it is refused: the directory is at its end. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyTruncationIsRefused(boolean zip64) {
        TorchWriter file = six().tensor("t", "0", 2, 3);
        byte[] bytes = (zip64 ? file.zip64() : file).bytes("archive");
        for (int length = 0; length < bytes.length; length++) {
            assertRefused(Arrays.copyOf(bytes, length), length < 4 ? "torch.save" : "damaged or was cut off");
        }
    }

    @Test
    void everyTruncationOfALegacyFileIsRefused() throws Exception {
        byte[] bytes = Files.readAllBytes(Golden.resources().resolve("torch/legacy/pytorch_model.bin"));
        for (int length = 0; length < bytes.length; length += length < 8000 ? 7 : 997) {
            assertRefused(Arrays.copyOf(bytes, length), "");
        }
    }
}
