package dev.bert4j.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The tensors of a model, in place: its files, safetensors or PyTorch's own, are mapped, nothing is copied (but tensors
 * that PyTorch saved with other strides than those of their shape), and processes that open the same files share their
 * pages. What a file says of itself is checked against it before a tensor is given out. Thread-safe.
 *
 * <pre>{@code
 * try (Checkpoint checkpoint = Checkpoint.open(Path.of("bert-base-uncased"))) {
 *     WeightTensor words = checkpoint.get("bert.embeddings.word_embeddings.weight");
 *     float first = words.get(0);
 * }
 * }</pre>
 *
 * <p><b>Closing while others read.</b> Whoever computes with the weights takes a {@linkplain #acquire() lease} and
 * returns it. {@link #close()} refuses new leases at once, and the files are unmapped when the last one is back.
 *
 * <p><b>Changing a file that is open.</b> Replace the files of a model by renaming new ones over them: an open
 * checkpoint keeps the old ones. Never write to them or cut them off in place, for the mapping is the file:
 * <ul>
 * <li>Bytes written in place appear in the weights, unnoticed.
 * <li>After a file was cut off, the rest of its new last page reads as zeros, unnoticed. Reading a page beyond is a bus
 *     error of the operating system. Where the JVM expects one, it becomes an {@code InternalError} ("a fault occurred
 *     in an unsafe memory access operation") at the read or a few instructions later: so it is for {@code
 *     MemorySegment.get} and {@code copy}, hence for all of {@link WeightTensor}, interpreted or compiled. {@link
 *     #faulted} makes a sentence of it.
 * <li>JDK 25 does <em>not</em> expect it of the Vector API's {@code fromMemorySegment} once C2 has compiled the load
 *     (measured on Linux with 256 and 512 bits): the process dies of SIGBUS, unless a {@code MemorySegment.get} stands
 *     in the same compiled method, for that makes C2 mark the whole method as one that may fault. This is how the JVM
 *     happens to work, not a promise of it. In native code (a GPU driver's upload, say) the process dies; our C kernels
 *     handle the signal themselves and report it as Java would.
 * </ul>
 */
public final class Checkpoint implements AutoCloseable {
    /** The bit of {@link #state} that says closed; the rest of it counts the leases. */
    private static final int CLOSED = Integer.MIN_VALUE;

    private final Path source;
    private final Arena arena;
    private final Map<Path, Long> mappedSizes;
    private final List<Path> files;
    private final Map<String, WeightTensor> tensors;
    private final Map<String, String> metadata;
    private final AtomicInteger state = new AtomicInteger();
    private final Lease lease = new Lease();
    /** What keeps the files mapped of which this has parts, or null if it has mapped them itself. */
    private final Lease whole;

    private Checkpoint(Path source, Arena arena, Map<Path, Long> mappedSizes, Map<String, WeightTensor> tensors,
            Map<String, String> metadata, Lease whole) {
        this.source = source;
        this.arena = arena;
        this.whole = whole;
        this.mappedSizes = mappedSizes;
        this.files = List.copyOf(mappedSizes.keySet());
        this.tensors = Collections.unmodifiableMap(tensors);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /**
     * Maps a model's weights.
     *
     * @param folderOrFile a model folder with, in the order in which they are looked for, {@code model.safetensors},
     *        {@code model.safetensors.index.json} and its shards, {@code pytorch_model.bin}, or {@code
     *        pytorch_model.bin.index.json} and its shards; or a safetensors file of any name, or PyTorch's
     * @throws CheckpointException if there are no such files, or what they say of themselves is not true
     * @throws IOException if a file cannot be read
     */
    public static Checkpoint open(Path folderOrFile) throws IOException {
        return open(folderOrFile, CheckpointFiles.find(folderOrFile));
    }

    /** The folder of a model that may be named by the file of its weights. */
    public static Path folder(Path folderOrFile) {
        return Files.isRegularFile(folderOrFile) ? folderOrFile.toAbsolutePath().getParent() : folderOrFile;
    }

    /** Maps what was found in some place. */
    static Checkpoint open(Path source, CheckpointFiles found) throws IOException {
        Arena arena = Arena.ofShared();
        try {
            CheckpointContents read = CheckpointContents.read(found, arena);
            return new Checkpoint(source, arena, read.mappedSizes(), read.tensors(), read.metadata(), null);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /**
     * The tensors by name, unmodifiable; file after file, and in each as their data lie or, in a file of PyTorch's, in
     * the order of its dict.
     */
    public Map<String, WeightTensor> tensors() {
        return tensors;
    }

    /** The tensor of a name, or null. */
    public WeightTensor get(String name) {
        return tensors.get(name);
    }

    /**
     * A tensor beside those of the files, which a model lacks there: readable as long as they are.
     *
     * @param values as many as the shape has elements, in row-major order; they are copied
     * @throws IllegalArgumentException if they are more or fewer
     */
    public WeightTensor make(String name, float[] values, long... shape) {
        return WeightTensor.of(arena, name, values, shape);
    }

    /**
     * A checkpoint of some of these tensors, whole or in part. It is closed on its own: the files stay mapped until
     * both are. Parts are copies; whole tensors lie where they lay.
     *
     * @param some tensors of this checkpoint by the names that they are to have
     * @param parts for those that are to be smaller, name → what stays
     * @throws IllegalStateException if this checkpoint is closed
     */
    public Checkpoint derive(Map<String, WeightTensor> some, Map<String, Selection> parts) {
        Lease held = acquire();
        Arena own = Arena.ofShared();
        try {
            Map<String, WeightTensor> all = new LinkedHashMap<>();
            some.forEach((name, tensor) -> all.put(name,
                    parts.containsKey(name) ? tensor.select(own, parts.get(name)) : tensor));
            return new Checkpoint(source, own, mappedSizes, all, metadata, held);
        } catch (Throwable e) {
            own.close();
            held.close();
            throw e;
        }
    }

    /** What the files' {@code __metadata__} say, unmodifiable; of shards that differ, what the first says. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The files, unmodifiable: one, or the shards in the order of their names. */
    public List<Path> files() {
        return files;
    }

    /** The size of all files in bytes: the address space taken. */
    public long sizeInBytes() {
        return mappedSizes.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Keeps the files mapped until the lease is closed. Allocates nothing and never waits.
     *
     * @throws IllegalStateException if the checkpoint is closed
     */
    public Lease acquire() {
        int before;
        do {
            before = state.get();
            if (before < 0) {
                throw new IllegalStateException("the checkpoint " + source + " is closed");
            }
        } while (!state.compareAndSet(before, before + 1));
        return lease;
    }

    /** The right to read the tensors. All leases of a checkpoint are one object, to be closed once for each acquire. */
    public final class Lease implements AutoCloseable {
        private Lease() {
        }

        /**
         * Returns the lease, and unmaps the files if it is the last and the checkpoint is closed.
         *
         * @throws IllegalStateException if it is returned more often than taken
         */
        @Override
        public void close() {
            int before;
            do {
                before = state.get();
                if ((before & ~CLOSED) == 0) {
                    throw new IllegalStateException("the checkpoint " + source + " has no lease to be returned");
                }
            } while (!state.compareAndSet(before, before - 1));
            if (before - 1 == CLOSED) {
                free();
            }
        }
    }

    /** Refuses new leases, and unmaps the files as soon as none is out. Never waits; closing again does nothing. */
    @Override
    public void close() {
        if (state.getAndUpdate(before -> before | CLOSED) == 0) {
            free();
        }
    }

    private void free() {
        try (var _ = whole) {
            arena.close();
        }
    }

    /**
     * Says what an error of the JVM means that was caught while reading tensors.
     *
     * @return an exception that names the files that were cut off; all of them if none is shorter now
     * @throws InternalError the error itself, if it is no fault of a memory access
     */
    public IllegalStateException faulted(InternalError error) {
        if (error.getMessage() == null || !error.getMessage().contains("unsafe memory access")) {
            throw error;
        }
        List<Path> shorter = new ArrayList<>();
        for (Map.Entry<Path, Long> file : mappedSizes.entrySet()) {
            try {
                if (Files.size(file.getKey()) < file.getValue()) {
                    shorter.add(file.getKey());
                }
            } catch (IOException e) {
                shorter.add(file.getKey());
            }
        }
        return new IllegalStateException("weights could not be read: a file was cut off or failed while open, of "
                + (shorter.isEmpty() ? files : shorter)
                + "; restore it and open the model again, and replace model files by renaming, never in place", error);
    }

    /** Where it was opened, and how many tensors it has. */
    @Override
    public String toString() {
        return "Checkpoint " + source + " with " + tensors.size() + " tensors";
    }
}
