package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
