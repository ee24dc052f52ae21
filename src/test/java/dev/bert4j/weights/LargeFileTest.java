package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeFileTest {
    @TempDir
    Path folder;

    /** Offsets and indexes beyond 2^32; where the file system has holes, the file takes no room. */
    @Test
    void tensorsBeyondFourGigabytes() throws Exception {
        long count = (1L << 31) + 3;
        long end = 2 * count + 12;
        assumeTrue(Files.getFileStore(folder).getUsableSpace() > 2 * end, "too little room for a file of 4 GiB");
        Path path = folder.resolve("large.safetensors");
        byte[] start = SafetensorsWriter.file("{\"big\":{\"dtype\":\"BF16\",\"shape\":[" + count
                + "],\"data_offsets\":[0," + 2 * count
                + "]},\"far\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[" + 2 * count + "," + end
                + "]}}", new byte[0]);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(start);
            file.setLength(start.length + end);
            file.seek(start.length + end - 14);
            file.write(new byte[] {(byte) 0x80, 0x3f});
            file.write(SafetensorsWriter.bytes(4, 5, 6));
        }
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            assertEquals(start.length + end, checkpoint.sizeInBytes());
            assertArrayEquals(new float[] {4, 5, 6}, checkpoint.get("far").toFloatArray());
            WeightTensor big = checkpoint.get("big");
            assertEquals(count, big.numElements());
            assertEquals(1, big.get(count - 1));
            assertEquals(0, big.get(0));
            float[] tail = new float[2];
            big.copyTo(count - 2, MemorySegment.ofArray(tail), 2);
            assertArrayEquals(new float[] {0, 1}, tail);
            assertThrows(IndexOutOfBoundsException.class, () -> big.get(count));
            var e = assertThrows(UnsupportedOperationException.class, big::toFloatArray);
            assertEquals("big BF16 [2147483651] in " + path + " has more elements than an array can hold",
                    e.getMessage());
        } finally {
            Files.delete(path);
        }
    }

    /** A storage of more than 4 GiB, so that its size, and where those behind it begin, need zip64. */
    @Test
    void aZipBeyondFourGigabytes() throws Exception {
        long hole = (1L << 32) + 5;
        assumeTrue(Files.getFileStore(folder).getUsableSpace() > 2 * hole, "too little room for a file of 4 GiB");
        byte[] start = "the hole follows".getBytes(StandardCharsets.US_ASCII);
        long count = start.length + hole;
        byte[] pickle = new TorchWriter.Pickle().op(0x80, 2, '}').text("big")
                .tensor("0", "ByteStorage " + count, 0, new long[] {count}, new long[] {1}).op('s').text("far")
                .tensor("1", "FloatStorage 3", 0, new long[] {3}, new long[] {1}).op('s', '.').bytes();
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("x/data.pkl", pickle);
        entries.put("x/data/0", start);
        entries.put("x/data/1", SafetensorsWriter.bytes(4, 5, 6));
        byte[] bytes = TorchWriter.zip(entries, true, "x/data/0", hole);
        int split = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("the hole follows") + start.length;
        Path path = folder.resolve("large.bin");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(bytes, 0, split);
            file.seek(split + hole);
            file.write(bytes, split, bytes.length - split);
        }
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            assertEquals(count, checkpoint.get("big").numElements());
            assertEquals('t', checkpoint.get("big").data().get(ValueLayout.JAVA_BYTE, 0));
            assertArrayEquals(new float[] {4, 5, 6}, checkpoint.get("far").toFloatArray());
        } finally {
            Files.delete(path);
        }
    }
}
