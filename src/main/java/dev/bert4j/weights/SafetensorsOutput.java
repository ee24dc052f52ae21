package dev.bert4j.weights;

import dev.bert4j.json.Json;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes tensors as a safetensors file.
 *
 * <p>They go straight from where they lie to the file, whatever their size. Wider types come first, so that every
 * tensor begins at a multiple of its element's size, and the header is padded with spaces to a multiple of 64 bytes, so
 * that rows whose size is one, too, begin where a line of the cache does.
 */
final class SafetensorsOutput {
    private static final int LENGTH_BYTES = 8;
    private static final int LINE = 64;
    /** A buffer has an int for its size; more at a time would not be faster. */
    private static final long CHUNK = 16 << 20;

    private SafetensorsOutput() {
    }

    /** Writes tensors under the given names. */
    static void write(WritableByteChannel out, Map<String, WeightTensor> tensors) throws IOException {
        List<Map.Entry<String, WeightTensor>> ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(Map.Entry.comparingByKey());
        ordered.sort(Comparator.comparing(entry -> -entry.getValue().dtype().bits()));
        writeAll(out, header(ordered, QuantizedFormat.metadata(tensors)));
        for (Map.Entry<String, WeightTensor> entry : ordered) {
            MemorySegment data = entry.getValue().data();
            for (long from = 0; from < data.byteSize(); from += CHUNK) {
                writeAll(out, data.asSlice(from, Math.min(CHUNK, data.byteSize() - from)).asByteBuffer());
            }
        }
    }

    private static ByteBuffer header(List<Map.Entry<String, WeightTensor>> ordered, Map<String, String> metadata) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(SafetensorsHeader.METADATA, metadata);
        long end = 0;
        for (Map.Entry<String, WeightTensor> entry : ordered) {
            WeightTensor tensor = entry.getValue();
            long begin = end;
            end += tensor.data().byteSize();
            Map<String, Object> field = new LinkedHashMap<>();
            field.put("dtype", tensor.dtype().name());
            field.put("shape", Arrays.stream(tensor.shape()).boxed().toList());
            field.put("data_offsets", List.of(begin, end));
            fields.put(entry.getKey(), field);
        }
        byte[] json = Json.write(fields).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(json, Math.ceilDiv(LENGTH_BYTES + json.length, LINE) * LINE - LENGTH_BYTES);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return ByteBuffer.allocate(LENGTH_BYTES + padded.length).order(ByteOrder.LITTLE_ENDIAN).putLong(padded.length)
                .put(padded).flip();
    }

    static void writeAll(WritableByteChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}
