package dev.bert4j.weights;

import dev.bert4j.weights.TorchObjects.Storage;
import dev.bert4j.weights.TorchObjects.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes tensors of the views of a file's storages: slices of the file where the elements lie in row-major order one
 * after the other, else copies, each made once however many names it has.
 */
final class TorchTensors {
    private final Path file;
    private final Arena arena;
    private final Map<View, MemorySegment> copies = new HashMap<>();
    /** Bytes that copies may still take. */
    private long room;

    /**
     * For one file.
     *
     * @param room bytes that all copies may take: views that do not overlap never need more than the file has
     * @param arena holds the copies
     */
    TorchTensors(Path file, long room, Arena arena) {
        this.file = file;
        this.room = room;
        this.arena = arena;
    }

    /**
     * A tensor.
     *
     * @param storage the bytes of its storage, or null if the file does not have it
     */
    WeightTensor make(String name, View view, MemorySegment storage) throws CheckpointException {
        String key = TorchObjects.shortened(view.storage().key());
        if (storage == null) {
            throw new CheckpointException(file, name, "is in the storage " + key + ", which the file does not have");
        }
        long[] sizes = view.sizes().stream().mapToLong(Long::longValue).toArray();
        long each = view.dtype().bits() / 8;
        try {
            long bytes = each;
            for (long size : sizes) {
                bytes = Math.multiplyExact(bytes, size);
            }
            requireInside(name, view, storage, bytes);
            MemorySegment data = bytes == 0 ? storage.asSlice(0, 0)
                    : isRowMajor(view) ? storage.asSlice(view.offset() * each, bytes)
                    : copy(name, view, storage, bytes);
            return new WeightTensor(name, view.dtype(), sizes, data.asReadOnly(), file);
        } catch (ArithmeticException e) {
            throw new CheckpointException(file, name, "has a shape too large for any file");
        }
    }

    private void requireInside(String name, View view, MemorySegment data, long bytes) throws CheckpointException {
        List<Long> sizes = view.sizes();
        List<Long> strides = view.strides();
        if (sizes.size() != strides.size() || view.offset() < 0 || sizes.stream().anyMatch(size -> size < 0)
                || strides.stream().anyMatch(stride -> stride < 0)) {
            throw new CheckpointException(file, name, "must have a stride for each size and nothing below 0, not sizes "
                    + sizes + ", strides " + strides + " and offset " + view.offset());
        }
        Storage storage = view.storage();
        long stored = Math.multiplyExact(storage.count(), storage.dtype().bits() / 8);
        if (storage.count() < 0 || stored > data.byteSize()) {
            throw new CheckpointException(file, name, "is in a storage of " + storage.count() + " elements of "
                    + storage.dtype() + ", for which the file has " + data.byteSize() + " bytes");
        }
        long last = view.offset();
        for (int dim = 0; dim < sizes.size() && bytes > 0; dim++) {
            last = Math.addExact(last, Math.multiplyExact(sizes.get(dim) - 1, strides.get(dim)));
        }
        if (bytes > 0 && Math.multiplyExact(Math.addExact(last, 1), view.dtype().bits() / 8) > stored) {
            throw new CheckpointException(file, name, "reaches to element " + last + " of a storage of " + stored
                    + " bytes; the file is damaged");
        }
    }

    /** Whether the elements lie as those of a fresh tensor; the stride of a dimension of one entry means nothing. */
    private static boolean isRowMajor(View view) {
        long expected = 1;
        for (int dim = view.sizes().size() - 1; dim >= 0; dim--) {
            long size = view.sizes().get(dim);
            if (size != 1 && view.strides().get(dim) != expected) {
                return false;
            }
            expected *= size;
        }
        return true;
    }

    private MemorySegment copy(String name, View view, MemorySegment storage, long bytes) throws CheckpointException {
        MemorySegment before = copies.get(view);
        if (before != null) {
            return before;
        }
        if (bytes > room) {
            throw new CheckpointException(file, name, "repeats elements of its storage, so that copies would take more"
                    + " bytes than the file has, " + bytes + " for this one; save a contiguous() tensor");
        }
        room -= bytes;
        MemorySegment copy;
        try {
            copy = arena.allocate(bytes, 64);
        } catch (OutOfMemoryError e) {
            throw new CheckpointException(file, name, "does not lie in row-major order, and there is no memory for a"
                    + " copy of " + bytes + " bytes; save a contiguous() tensor");
        }
        long[] index = new long[view.sizes().size()];
        long each = view.dtype().bits() / 8;
        long from = view.offset();
        for (long to = 0; to < bytes; to += each) {
            MemorySegment.copy(storage, from * each, copy, to, each);
            from += advance(index, view);
        }
        copies.put(view, copy);
        return copy;
    }

    /** Goes to the next element in row-major order; returns how far it is. */
    private static long advance(long[] index, View view) {
        long distance = 0;
        for (int dim = index.length - 1; dim >= 0; dim--) {
            distance += view.strides().get(dim);
            if (++index[dim] < view.sizes().get(dim)) {
                break;
            }
            distance -= view.strides().get(dim) * index[dim];
            index[dim] = 0;
        }
        return distance;
    }
}
