package dev.bert4j.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes small files as torch.save does: tensors by name over storages, and any from a pickle and entries. */
public final class TorchWriter {
    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final Map<String, String> storages = new LinkedHashMap<>();
    private final Pickle pickle = new Pickle().op(0x80, 2).global("collections", "OrderedDict").op(')', 'R', '(');
    private boolean zip64;

    /** Begins a file without tensors. */
    public TorchWriter() {
    }

    /** Adds a storage; its class is, for example, Float. */
    public TorchWriter storage(String key, String type, long count, byte[] bytes) {
        entries.put("data/" + key, bytes);
        storages.put(key, type + "Storage " + count);
        return this;
    }

    TorchWriter floats(String key, float... values) {
        return storage(key, "Float", values.length, SafetensorsWriter.bytes(values));
    }

    /** Adds a tensor over a storage. */
    public TorchWriter tensor(String name, String key, long offset, long[] sizes, long[] strides) {
        pickle.text(name).tensor(key, storages.getOrDefault(key, "FloatStorage 1"), offset, sizes, strides);
        return this;
    }

    TorchWriter tensor(String name, String key, long... sizes) {
        long[] strides = new long[sizes.length];
        long each = 1;
        for (int dim = sizes.length - 1; dim >= 0; dim--) {
            strides[dim] = each;
            each *= sizes[dim];
        }
        return tensor(name, key, 0, sizes, strides);
    }

    TorchWriter entry(String name, String text) {
        entries.put(name, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    TorchWriter zip64() {
        zip64 = true;
        return this;
    }

    byte[] bytes(String folder) {
        return file(folder, pickle.copy().op('u', '.').bytes(), entries, zip64);
    }

    /** Writes the file. */
    public Path write(Path file) throws IOException {
        return Files.write(file, bytes("archive"));
    }

    static byte[] file(String folder, byte[] pickle, Map<String, byte[]> entries, boolean zip64) {
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put(folder + "/data.pkl", pickle);
        entries.forEach((name, bytes) -> all.put(folder + "/" + name, bytes));
        all.put(folder + "/version", "3\n".getBytes(StandardCharsets.UTF_8));
        return zip(all, zip64);
    }

    static byte[] zip(Map<String, byte[]> entries, boolean zip64) {
        return zip(entries, zip64, "", 0);
    }

    /**
     * A zip of stored entries, whose local headers leave sizes to the directory, as torch.save writes them.
     *
     * @param before the entry behind whose bytes {@code hole} more are to be put in, which belong to it
     */
    static byte[] zip(Map<String, byte[]> entries, boolean zip64, String before, long hole) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ByteArrayOutputStream directory = new ByteArrayOutputStream();
        long shift = 0;
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            byte[] text = entry.getKey().getBytes(StandardCharsets.UTF_8);
            byte[] bytes = entry.getValue();
            long at = file.size() + shift;
            int padding = 3;
            file.writeBytes(fields(30).putInt(0, 0x04034b50).putShort(6, (short) 0x808)
                    .putShort(26, (short) text.length).putShort(28, (short) padding).array());
            file.writeBytes(text);
            file.writeBytes(new byte[padding]);
            file.writeBytes(bytes);
            long size = bytes.length;
            if (entry.getKey().equals(before)) {
                shift = hole;
                size += hole;
            }
            int large = zip64 ? -1 : (int) size;
            directory.writeBytes(fields(46).putInt(0, 0x02014b50).putShort(8, (short) 0x808).putInt(20, large)
                    .putInt(24, large).putShort(28, (short) text.length).putShort(30, (short) (zip64 ? 33 : 0))
                    .putInt(42, zip64 ? -1 : (int) at).array());
            directory.writeBytes(text);
            if (zip64) {
                // A field of somebody else's goes before that with the numbers.
                directory.writeBytes(fields(33).putShort(0, (short) 0x7777).putShort(2, (short) 1)
                        .putShort(5, (short) 1).putShort(7, (short) 24).putLong(9, size).putLong(17, size)
                        .putLong(25, at).array());
            }
        }
        long begin = file.size() + shift;
        file.writeBytes(directory.toByteArray());
        if (zip64) {
            long end64 = file.size() + shift;
            file.writeBytes(fields(56).putInt(0, 0x06064b50).putLong(4, 44).putLong(24, entries.size())
                    .putLong(32, entries.size()).putLong(40, directory.size()).putLong(48, begin).array());
            file.writeBytes(fields(20).putInt(0, 0x07064b50).putLong(8, end64).putInt(16, 1).array());
        }
        file.writeBytes(fields(22).putInt(0, 0x06054b50).putInt(12, zip64 ? -1 : directory.size())
                .putInt(16, zip64 ? -1 : (int) begin).array());
        return file.toByteArray();
    }

    private static ByteBuffer fields(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The instructions of a pickle, one after the other. */
    static final class Pickle {
        private final ByteArrayOutputStream code = new ByteArrayOutputStream();

        Pickle op(int... codes) {
            for (int each : codes) {
                code.write(each);
            }
            return this;
        }

        Pickle text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            code.write('X');
            code.writeBytes(fields(4).putInt(bytes.length).array());
            code.writeBytes(bytes);
            return this;
        }

        Pickle number(long number) {
            code.write(0x8a);
            code.write(8);
            code.writeBytes(fields(8).putLong(number).array());
            return this;
        }

        Pickle numbers(long... numbers) {
            code.write('(');
            for (long number : numbers) {
                number(number);
            }
            return op('t');
        }

        Pickle global(String module, String name) {
            code.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
            return this;
        }

        /** A persistent id; the storage is a class and a count. */
        Pickle storage(String key, String storage) {
            String[] parts = storage.split(" ");
            int dot = parts[0].lastIndexOf('.');
            return op('(').text("storage")
                    .global(dot < 0 ? "torch" : parts[0].substring(0, dot), parts[0].substring(dot + 1)).text(key)
                    .text("cpu").number(Long.parseLong(parts[1])).op('t', 'Q');
        }

        Pickle tensor(String key, String storage, long offset, long[] sizes, long[] strides) {
            return global("torch._utils", "_rebuild_tensor_v2").op('(').storage(key, storage).number(offset)
                    .numbers(sizes).numbers(strides).op(0x89).global("collections", "OrderedDict").op(')', 'R')
                    .op('t', 'R');
        }

        byte[] bytes() {
            return code.toByteArray();
        }

        Pickle copy() {
            Pickle copy = new Pickle();
            copy.code.writeBytes(bytes());
            return copy;
        }
    }
}
