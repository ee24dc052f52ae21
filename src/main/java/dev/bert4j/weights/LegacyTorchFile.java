package dev.bert4j.weights;

import dev.bert4j.weights.TorchObjects.Storage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of {@code torch.save} from before version 1.6, which the first BERTs are published in: five pickles, being a
 * magic number, a version, what the machine was like, the tensors by name, and the keys of the storages; then each
 * storage, as the number of its elements in eight bytes and the elements.
 */
final class LegacyTorchFile {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long VERSION = 1001;
    /** PROTO 2, LONG1 and its length: how the pickle of the magic number begins. */
    private static final byte[] BEGINNING = {(byte) 0x80, 2, (byte) 0x8a, 10};

    private final Path file;
    private final MemorySegment bytes;
    private final Object root;
    private final Map<String, MemorySegment> storages = new HashMap<>();

    /** Reads the pickles and finds the storages of a file. */
    LegacyTorchFile(Path file, MemorySegment bytes) throws CheckpointException {
        this.file = file;
        this.bytes = bytes;
        ByteBuffer code = ByteBuffer.wrap(bytes.asSlice(0, Math.min(bytes.byteSize(), Unpickler.MOST_BYTES))
                .toArray(ValueLayout.JAVA_BYTE));
        Unpickler unpickler = new Unpickler(file, code);
        Object magic = unpickler.load();
        Object version = unpickler.load();
        if (!MAGIC.equals(magic) || !Long.valueOf(VERSION).equals(version)) {
            throw new CheckpointException(file, "it does not begin with PyTorch's magic number and version " + VERSION
                    + "; the file is damaged or something else");
        }
        if (!(unpickler.load() instanceof Map<?, ?> machine && Boolean.TRUE.equals(machine.get("little_endian")))) {
            throw new CheckpointException(file, "it was not saved on a little-endian machine, and only such files are"
                    + " read; save it again on one");
        }
        root = unpickler.load();
        if (!(unpickler.load() instanceof List<?> keys)) {
            throw new CheckpointException(file, "it has no list of its storages; the file is damaged");
        }
        findStorages(keys, unpickler.storages(), code.position());
    }

    /** Whether a file begins so. */
    static boolean is(MemorySegment bytes) {
        return CheckpointFiles.begins(bytes, BEGINNING);
    }

    /** What the dict was, its tensors as views. */
    Object root() {
        return root;
    }

    /** Where the elements lie. */
    TorchFile.Storages storages() {
        return storage -> storages.get(storage.key());
    }

    private void findStorages(List<?> keys, Map<String, Storage> named, long begin) throws CheckpointException {
        long at = begin;
        for (Object key : keys) {
            Storage storage = key instanceof String ? named.get(key) : null;
            if (storage == null) {
                throw new CheckpointException(file, "its list names a storage that no tensor is in; the file is"
                        + " damaged");
            }
            long count = bytes.byteSize() - at < Long.BYTES ? -1 : ByteBuffer.wrap(
                    bytes.asSlice(at, Long.BYTES).toArray(ValueLayout.JAVA_BYTE)).order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            long each = storage.dtype().bits() / 8;
            at += Long.BYTES;
            if (count != storage.count() || count < 0 || count > (bytes.byteSize() - at) / each) {
                throw new CheckpointException(file, "the storage " + TorchObjects.shortened(storage.key())
                        + " should be " + storage.count() + " elements of " + storage.dtype() + " at byte " + at
                        + ", and they are not there; the file is damaged or was cut off");
            }
            storages.put(storage.key(), bytes.asSlice(at, count * each));
            at += count * each;
        }
    }
}
