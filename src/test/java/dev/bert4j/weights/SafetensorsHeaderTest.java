package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsHeaderTest {
    @TempDir
    Path folder;

    @Test
    void everyDtypeShapeAndRange() throws Exception {
        Path file = SafetensorsWriter.everyDtype().write(folder.resolve("all.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertEquals(DType.values().length + 2, checkpoint.tensors().size());
            for (DType dtype : DType.values()) {
                WeightTensor tensor = checkpoint.get("of." + dtype);
                assertEquals(dtype, tensor.dtype());
                assertArrayEquals(new long[] {2, 4}, tensor.shape());
                assertEquals(dtype.bits(), tensor.data().byteSize());
                assertEquals(1, tensor.data().get(ValueLayout.JAVA_BYTE, 0));
            }
            assertEquals("scalar I64 []", checkpoint.get("scalar").toString());
            assertEquals(1, checkpoint.get("scalar").numElements());
            assertEquals("empty F32 [3, 0]", checkpoint.get("empty").toString());
            assertEquals(0, checkpoint.get("empty").numElements());
            assertEquals(0, checkpoint.get("empty").toFloatArray().length);
            assertEquals(Map.of("format", "pt", "note", "café"), checkpoint.metadata());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{}| 0", "{}   | 0", "{\"__metadata__\":{}}| 0",
        "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
            + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}| 2",
        "{\"a\":{\"dtype\":\"F4\",\"shape\":[3,2],\"data_offsets\":[0,3],\"more\":1}}| 3",
        "{\"a\":{\"dtype\":\"F6_E2M3\",\"shape\":[4],\"data_offsets\":[0,3]}}| 3",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[0,9223372036854775807,9],\"data_offsets\":[0,0]}}| 0",
        "{\"\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}| 1",
    })
    void accepts(String header, int dataSize) throws Exception {
        open(SafetensorsWriter.file(header, new byte[dataSize])).close();
    }

    @Test
    void tensorsComeInTheOrderOfTheirData() throws Exception {
        String header = "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
                + "\"z\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        try (Checkpoint checkpoint = open(SafetensorsWriter.file(header, new byte[] {5, 6}))) {
            assertEquals(List.of("a", "z", "b"), List.copyOf(checkpoint.tensors().keySet()));
        }
    }

    /** One tensor called t: a fault in its description, with ' for ". */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "3| must be described by an object, not by 3",
        "[]| must be described by an object, not by []",
        "{'shape':[1],'data_offsets':[0,4]}| must have a string \"dtype\", not null or nothing",
        "{'dtype':7,'shape':[1],'data_offsets':[0,4]}| must have a string \"dtype\", not 7",
        "{'dtype':'float32','shape':[1],'data_offsets':[0,4]}| has the unknown dtype \"float32\"; known are [BOOL, F4,",
        "{'dtype':'F32','data_offsets':[0,4]}| must have in \"shape\" a list of whole numbers",
        "{'dtype':'F32','shape':1,'data_offsets':[0,4]}| must have in \"shape\" a list of whole numbers",
        "{'dtype':'F32','shape':['1'],'data_offsets':[0,4]}| must have in \"shape\" a list of whole numbers",
        "{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}| from 0 to 2^63 - 1, not [-1]",
        "{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}| from 0 to 2^63 - 1, not [1.0]",
        "{'dtype':'F32','shape':[9223372036854775808],'data_offsets':[0,4]}| not [9223372036854775808]",
        "{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,4]}| has a shape too large for any file",
        "{'dtype':'F32','shape':[1152921504606846976],'data_offsets':[0,4]}| has a shape too large for any file",
        "{'dtype':'F32','shape':[1]}| must have in \"data_offsets\" a list of whole numbers",
        "{'dtype':'F32','shape':[1],'data_offsets':[0]}| must have two data_offsets",
        "{'dtype':'F32','shape':[1],'data_offsets':[0,4,8]}| must have two data_offsets",
        "{'dtype':'F32','shape':[1],'data_offsets':[4,0]}| the begin and an end not before it, not [4,0]",
        "{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}| must have in \"data_offsets\" a list of whole numbers",
        "{'dtype':'F32','shape':[2],'data_offsets':[0,4]}| has 4 bytes by its data_offsets, but F32 [2] takes 8",
        "{'dtype':'F32','shape':[],'data_offsets':[0,0]}| has 0 bytes by its data_offsets, but F32 [] takes 4",
        "{'dtype':'F4','shape':[3],'data_offsets':[0,2]}| takes 12 bits, which are not whole bytes",
        "{'dtype':'F6_E3M2','shape':[2],'data_offsets':[0,1]}| takes 12 bits, which are not whole bytes",
        "{'dtype':'F32','shape':[2],'data_offsets':[0,8]}| at bytes 0 to 8 of the data runs beyond their end at 4",
        "{'dtype':'F32','shape':[0],'data_offsets':[9,9]}| at bytes 9 to 9 of the data runs beyond their end at 4",
        "{'dtype':'U8','shape':[3],'data_offsets':[1,4]}| leaves a hole of 1 bytes after the beginning of the data",
    })
    void refusesTensor(String description, String fault) throws Exception {
        String header = "{\"t\":" + description.replace('\'', '"') + "}";
        assertRefused(SafetensorsWriter.file(header, new byte[4]), "tensor \"t\" ", fault);
    }

    /** Whole headers over four bytes of data, with ' for " and ~ for a U8 tensor's beginning. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'a':~[2],'data_offsets':[0,2]},'b':~[3],'data_offsets':[1,4]}}| tensor \"b\" at bytes 1 to 4 of the data "
            + "overlaps \"a\", which ends at 2",
        "{'b':~[2],'data_offsets':[2,4]},'a':~[1],'data_offsets':[0,1]}}| tensor \"b\" at bytes 2 to 4 of the data "
            + "leaves a hole of 1 bytes after \"a\"",
        "{'a':~[4],'data_offsets':[0,4]},'e':~[0],'data_offsets':[2,2]}}| tensor \"e\" at bytes 2 to 2 of the data "
            + "overlaps \"a\", which ends at 4",
        "{'a':~[3],'data_offsets':[0,3]}}| 1 bytes follow \"a\" and belong to no tensor",
        "{}| 4 bytes follow the beginning of the data and belong to no tensor",
        "{'a':~[4],'data_offsets':[0,4]},'a':~[4],'data_offsets':[0,4]}}| \"a\" stands in an object twice",
        "{'a':~[4],'data_offsets':[0,4],'shape':[4]}}| \"shape\" stands in an object twice",
        "{'__metadata__':3}| __metadata__ must be an object of strings, not 3",
        "{'__metadata__':{'a':'b','n':3}}| __metadata__ must map strings to strings, but \"n\" is 3",
        "{'__metadata__':{'n':null}}| must map strings to strings, but \"n\" is null",
        "[]| must be a JSON object and begin with '{'", "` {}`| must be a JSON object and begin with '{'",
        "``| must be a JSON object and begin with '{'", "{| the header is not valid JSON: ",
        "{'a'}| the header is not valid JSON: ", "{}x| the header is not valid JSON: ",
        "{}{}| the header is not valid JSON: something follows the value (line 1, column 3)",
    })
    void refusesHeader(String header, String fault) throws Exception {
        String json = header.replace("~", "{'dtype':'U8','shape':").replace('\'', '"');
        assertRefused(SafetensorsWriter.file(json, new byte[4]), fault);
    }

    @Test
    void refusesFilesWithoutHeader() throws Exception {
        assertRefused(new byte[0], "it has 0 bytes, fewer than the 8");
        assertRefused(new byte[7], "it has 7 bytes, fewer than the 8");
        assertRefused(length(1, 0), "would be 1 bytes long, but only 0 follow");
        assertRefused(length(100_000_000, 5), "would be 100000000 bytes long, but only 5 follow");
        assertRefused(length(100_000_001, 5), "would be 100000001 bytes long, over the 100000000 allowed");
        assertRefused(length(-1, 5), "would be 18446744073709551615 bytes long, over");
        assertRefused(length(Long.MAX_VALUE, 5), "would be 9223372036854775807 bytes long, over");
        assertRefused("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".getBytes(StandardCharsets.UTF_8),
                "Git LFS pointer");
        assertRefused(SafetensorsWriter.file("{\"a\":" + "[".repeat(100_000), new byte[0]), "not valid JSON");
        byte[] notUtf8 = SafetensorsWriter.file("{\"a\":\"??\"}", new byte[0]);
        notUtf8[14] = (byte) 0xc0;
        assertRefused(notUtf8, "the header is not valid JSON: a byte that is not UTF-8 (line 1, column 7)");
    }

    private static byte[] length(long headerLength, int following) {
        return ByteBuffer.allocate(8 + following).order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength).array();
    }

    private Checkpoint open(byte[] file) throws IOException {
        return Checkpoint.open(Files.write(folder.resolve("some.safetensors"), file));
    }

    private void assertRefused(byte[] file, String... parts) {
        String sentence = assertThrows(CheckpointException.class, () -> open(file).close()).getMessage();
        assertTrue(sentence.startsWith(folder.resolve("some.safetensors") + ": "), sentence);
        for (String part : parts) {
            assertTrue(sentence.contains(part), sentence);
        }
    }
}
