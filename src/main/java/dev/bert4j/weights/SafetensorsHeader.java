package dev.bert4j.weights;

import dev.bert4j.json.Json;
import dev.bert4j.json.JsonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the header of a safetensors file says, believed only where it agrees with the file's size.
 *
 * <p>A file is eight bytes with the length n of the header, little-endian; n bytes of JSON, a tensor's name → dtype,
 * shape and data_offsets [begin, end), and under {@code __metadata__} strings → strings; then the data, which the
 * tensors must cover without hole or overlap. Offsets count from the end of the header, which may be at any address.
 *
 * @param entries the tensors in the order of their data
 * @param dataStart where the data begins, in bytes from the beginning of the file
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata, long dataStart) {
    /** The reference implementation refuses longer headers, too. */
    private static final long MAX_LENGTH = 100_000_000;
    private static final int LENGTH_BYTES = 8;
    static final String METADATA = "__metadata__";

    /**
     * One tensor: its data are the bytes [begin, end) of the data section, as many as dtype and shape need.
     *
     * @param shape sizes, outermost first; empty for a scalar
     */
    record Entry(String name, DType dtype, long[] shape, long begin, long end) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            return begin != other.begin ? Long.compare(begin, other.begin) : Long.compare(end, other.end);
        }

        private String range() {
            return "at bytes " + begin + " to " + end + " of the data ";
        }
    }

    /**
     * Reads and checks a header. It is read and not copied from where the file is mapped, for which a fresh JVM takes
     * longer than for parsing it: it makes the layouts of foreign memory first.
     *
     * @param file the file's name, for errors
     * @param channel the file
     * @param size its size
     */
    static SafetensorsHeader read(Path file, FileChannel channel, long size) throws IOException {
        byte[] json = json(file, channel, size);
        Object root;
        try {
            root = Json.parse(json, file + ": the header");
        } catch (JsonException e) {
            throw new CheckpointException(e);
        }
        Map<String, String> metadata = Map.of();
        List<Entry> entries = new ArrayList<>();
        // The text starts with a brace, so that it is an object.
        for (Map.Entry<?, ?> field : ((Map<?, ?>) root).entrySet()) {
            String name = (String) field.getKey();
            if (name.equals(METADATA)) {
                metadata = metadata(file, field.getValue());
            } else {
                entries.add(entry(file, name, field.getValue()));
            }
        }
        long dataStart = LENGTH_BYTES + json.length;
        Collections.sort(entries);
        requireCover(file, entries, size - dataStart);
        return new SafetensorsHeader(entries, metadata, dataStart);
    }

    private static byte[] json(Path file, FileChannel channel, long size) throws IOException {
        if (size < LENGTH_BYTES) {
            throw new CheckpointException(file, "it has " + size
                    + " bytes, fewer than the 8 that a safetensors file begins with");
        }
        byte[] beginning = bytes(file, channel, 0, LENGTH_BYTES);
        CheckpointFiles.refusePointer(file, beginning);
        long length = ByteBuffer.wrap(beginning).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 0 || length > MAX_LENGTH) {
            throw new CheckpointException(file, "the header would be " + Long.toUnsignedString(length)
                    + " bytes long, over the " + MAX_LENGTH + " allowed; it is not a safetensors file or is damaged");
        }
        if (length > size - LENGTH_BYTES) {
            throw new CheckpointException(file, "the header would be " + length + " bytes long, but only "
                    + (size - LENGTH_BYTES) + " follow its length; the file is damaged or was cut off");
        }
        byte[] json = bytes(file, channel, LENGTH_BYTES, (int) length);
        if (length == 0 || json[0] != '{') {
            throw new CheckpointException(file, "the header must be a JSON object and begin with '{'");
        }
        return json;
    }

    private static byte[] bytes(Path file, FileChannel channel, long from, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new CheckpointException(file, "it was cut off while it was read");
            }
        }
        return bytes.array();
    }

    private static Map<String, String> metadata(Path file, Object value) throws CheckpointException {
        if (!(value instanceof Map<?, ?> fields)) {
            throw new CheckpointException(file, METADATA + " must be an object of strings, not " + describe(value));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<?, ?> field : fields.entrySet()) {
            if (!(field.getValue() instanceof String string)) {
                throw new CheckpointException(file, METADATA + " must map strings to strings, but \"" + field.getKey()
                        + "\" is " + describe(field.getValue()));
            }
            metadata.put((String) field.getKey(), string);
        }
        return metadata;
    }

    /** Fields beyond the three are left alone, as in the reference implementation. */
    private static Entry entry(Path file, String name, Object value) throws CheckpointException {
        if (!(value instanceof Map<?, ?> fields)) {
            throw new CheckpointException(file, name, "must be described by an object, not by " + describe(value));
        }
        if (!(fields.get("dtype") instanceof String dtypeName)) {
            throw new CheckpointException(file, name, "must have a string \"dtype\", not "
                    + describe(fields.get("dtype")));
        }
        DType dtype = DType.named(dtypeName);
        if (dtype == null) {
            throw new CheckpointException(file, name, "has the unknown dtype \"" + dtypeName + "\"; known are "
                    + List.of(DType.values()));
        }
        long[] shape = sizes(file, name, "shape", fields.get("shape"));
        long[] offsets = sizes(file, name, "data_offsets", fields.get("data_offsets"));
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw new CheckpointException(file, name, "must have two data_offsets, the begin and an end not before it, "
                    + "not " + describe(fields.get("data_offsets")));
        }
        long bytes = bytes(file, name, dtype, shape);
        if (offsets[1] - offsets[0] != bytes) {
            throw new CheckpointException(file, name, "has " + (offsets[1] - offsets[0])
                    + " bytes by its data_offsets, but " + dtype + " " + fields.get("shape") + " takes " + bytes);
        }
        return new Entry(name, dtype, shape, offsets[0], offsets[1]);
    }

    private static long[] sizes(Path file, String name, String field, Object value) throws CheckpointException {
        long[] sizes = new long[value instanceof List<?> list ? list.size() : 0];
        boolean whole = value instanceof List<?>;
        for (int i = 0; whole && i < sizes.length; i++) {
            whole = ((List<?>) value).get(i) instanceof Long n && n >= 0;
            sizes[i] = whole ? (Long) ((List<?>) value).get(i) : -1;
        }
        if (!whole) {
            throw new CheckpointException(file, name, "must have in \"" + field
                    + "\" a list of whole numbers from 0 to 2^63 - 1, not " + describe(value));
        }
        return sizes;
    }

    private static long bytes(Path file, String name, DType dtype, long[] shape) throws CheckpointException {
        long bits;
        try {
            bits = dtype.bits();
            for (long size : shape) {
                bits = Math.multiplyExact(bits, size);
            }
        } catch (ArithmeticException e) {
            throw new CheckpointException(file, name, "has a shape too large for any file");
        }
        if (bits % 8 != 0) {
            throw new CheckpointException(file, name, "takes " + bits + " bits, which are not whole bytes");
        }
        return bits / 8;
    }

    private static void requireCover(Path file, List<Entry> entries, long dataSize) throws CheckpointException {
        long covered = 0;
        Entry before = null;
        for (Entry entry : entries) {
            if (entry.end() > dataSize) {
                throw new CheckpointException(file, entry.name(), entry.range() + "runs beyond their end at "
                        + dataSize + "; the file is damaged or was cut off");
            }
            if (entry.begin() < covered) {
                throw new CheckpointException(file, entry.name(), entry.range() + "overlaps " + end(before)
                        + ", which ends at " + covered);
            }
            if (entry.begin() > covered) {
                throw new CheckpointException(file, entry.name(), entry.range() + "leaves a hole of "
                        + (entry.begin() - covered) + " bytes after " + end(before));
            }
            covered = entry.end();
            before = entry;
        }
        if (covered != dataSize) {
            throw new CheckpointException(file, (dataSize - covered) + " bytes follow " + end(before)
                    + " and belong to no tensor; the tensors must cover the data exactly");
        }
    }

    /** What ends where the next should begin; null is before the first. */
    private static String end(Entry before) {
        return before == null ? "the beginning of the data" : "\"" + before.name() + "\"";
    }

    /** A JSON value in a sentence: short, for a damaged header may hold anything. */
    private static String describe(Object value) {
        String text = value == null ? "null or nothing" : Json.write(value);
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
}
