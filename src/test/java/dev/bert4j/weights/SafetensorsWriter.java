package dev.bert4j.weights;

import dev.bert4j.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes small safetensors files: good ones tensor by tensor, and any from a header and data. */
public final class SafetensorsWriter {
    private final Map<String, Object> header = new LinkedHashMap<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    /** Begins an empty file. */
    public SafetensorsWriter() {
    }

    /** With what the header says of the file. */
    public SafetensorsWriter metadata(Map<String, String> metadata) {
        header.put("__metadata__", metadata);
        return this;
    }

    /** Adds a tensor. */
    public SafetensorsWriter add(String name, String dtype, List<Long> shape, byte[] bytes) {
        long begin = data.size();
        data.writeBytes(bytes);
        header.put(name, Map.of("dtype", dtype, "shape", shape, "data_offsets", List.of(begin, (long) data.size())));
        return this;
    }

    SafetensorsWriter addFloats(String name, float... values) {
        return add(name, "F32", List.of((long) values.length), bytes(values));
    }

    byte[] bytes() {
        return file(Json.write(header), data.toByteArray());
    }

    /** Writes the file. */
    public Path write(Path file) throws IOException {
        return Files.write(file, bytes());
    }

    static byte[] file(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length).put(json).put(data).array();
    }

    static byte[] bytes(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return buffer.array();
    }

    /** A file with every dtype of the format in shape [2, 4], its bytes 1, 2, 3 …, a scalar and an empty tensor. */
    static SafetensorsWriter everyDtype() {
        var writer = new SafetensorsWriter().metadata(Map.of("format", "pt", "note", "café"));
        for (DType dtype : DType.values()) {
            byte[] bytes = new byte[dtype.bits()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (i + 1);
            }
            writer.add("of." + dtype, dtype.name(), List.of(2L, 4L), bytes);
        }
        return writer.add("scalar", "I64", List.of(), new byte[8]).add("empty", "F32", List.of(3L, 0L), new byte[0]);
    }
}
