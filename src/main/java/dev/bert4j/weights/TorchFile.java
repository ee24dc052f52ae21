package dev.bert4j.weights;

import dev.bert4j.weights.TorchObjects.Storage;
import dev.bert4j.weights.TorchObjects.View;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a file that {@code torch.save} wrote of a {@code state_dict()}.
 *
 * <p>It is a zip of stored entries below one folder, of whatever name: {@code data.pkl}, a pickle that says which
 * tensor is which part of which storage, {@code data/KEY} with the elements of a storage, and {@code byteorder}. Before
 * version 1.6 it was several pickles with the storages behind them, see {@link LegacyTorchFile}.
 */
final class TorchFile {
    private static final String PICKLE = "/data.pkl";

    /** Where the elements of storages lie. */
    @FunctionalInterface
    interface Storages {
        /** The bytes of a storage, or null if the file has none of that key. */
        MemorySegment get(Storage storage) throws CheckpointException;
    }

    private TorchFile() {
    }

    /** Whether a file of any name begins as those of {@code torch.save}. */
    static boolean is(MemorySegment bytes) {
        return StoredZip.begins(bytes) || LegacyTorchFile.is(bytes);
    }

    /**
     * Reads and checks what a file says of its tensors.
     *
     * @param file the file's name, for errors
     * @param bytes the whole file; tensors whose elements lie one after the other are slices of it
     * @param arena holds copies of the others
     * @return the tensors in the order of the dict
     */
    static List<WeightTensor> read(Path file, MemorySegment bytes, Arena arena) throws IOException {
        if (StoredZip.begins(bytes)) {
            return readZip(file, bytes, arena);
        }
        if (LegacyTorchFile.is(bytes)) {
            LegacyTorchFile legacy = new LegacyTorchFile(file, bytes);
            return tensors(file, legacy.root(), legacy.storages(), new TorchTensors(file, bytes.byteSize(), arena));
        }
        CheckpointFiles.refusePointer(file, bytes);
        throw new CheckpointException(file, "it is not what torch.save writes: neither a zip nor, as before PyTorch"
                + " 1.6, pickles; the file is damaged or something else");
    }

    private static List<WeightTensor> readZip(Path file, MemorySegment bytes, Arena arena) throws IOException {
        StoredZip zip = new StoredZip(file, bytes);
        String folder = folder(file, zip);
        MemorySegment order = zip.get(folder + "/byteorder");
        if (order != null && !text(order).equals("little")) {
            throw new CheckpointException(file, "its byteorder is " + TorchObjects.shortened(text(order))
                    + ", and only little-endian files are read; save it again on a little-endian machine");
        }
        MemorySegment pickle = zip.get(folder + PICKLE);
        if (pickle.byteSize() > Unpickler.MOST_BYTES) {
            throw new CheckpointException(file, "its pickle has " + pickle.byteSize() + " bytes, over the "
                    + Unpickler.MOST_BYTES + " allowed");
        }
        Object root = new Unpickler(file, ByteBuffer.wrap(pickle.toArray(ValueLayout.JAVA_BYTE))).load();
        return tensors(file, root, storage -> zip.get(folder + "/data/" + storage.key()),
                new TorchTensors(file, bytes.byteSize(), arena));
    }

    /** The name of the folder that has the pickle. */
    private static String folder(Path file, StoredZip zip) throws CheckpointException {
        for (String name : zip.names()) {
            if (name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length()) {
                return name.substring(0, name.length() - PICKLE.length());
            }
        }
        throw new CheckpointException(file, "it is a zip without a data.pkl, so not one that torch.save wrote");
    }

    /** At most so much of an entry as is worth reading. */
    private static String text(MemorySegment entry) {
        byte[] beginning = entry.asSlice(0, Math.min(100, entry.byteSize())).toArray(ValueLayout.JAVA_BYTE);
        return new String(beginning, StandardCharsets.UTF_8).strip();
    }

    /** What is no tensor is passed over: a dict may have numbers and texts beside. */
    private static List<WeightTensor> tensors(Path file, Object root, Storages storages, TorchTensors made)
            throws CheckpointException {
        if (!(root instanceof Map<?, ?> dict)) {
            throw new CheckpointException(file, "it holds something other than tensors by name; save the model's"
                    + " state_dict()");
        }
        List<WeightTensor> tensors = new ArrayList<>();
        for (Map.Entry<?, ?> entry : dict.entrySet()) {
            if (entry.getValue() instanceof View view && entry.getKey() instanceof String name) {
                tensors.add(made.make(name, view, storages.get(view.storage())));
            }
        }
        if (tensors.isEmpty() && !dict.isEmpty()) {
            throw new CheckpointException(file, "it holds no tensors by name, but "
                    + TorchObjects.shortened(String.valueOf(dict.keySet().iterator().next()))
                    + (dict.size() > 1 ? " and " + (dict.size() - 1) + " more" : "") + "; save the model's state_dict()"
                    + " alone, as its weights");
        }
        return tensors;
    }
}
