package dev.bert4j.weights;

import dev.bert4j.json.Json;
import dev.bert4j.json.JsonException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which files hold a model's tensors.
 *
 * @param files safetensors files or PyTorch's: one, or the shards in the order of their names
 * @param placement tensor name → the shard that the index says holds it; empty where there is no index
 */
record CheckpointFiles(List<Path> files, Map<String, Path> placement) {
    static final String CONFIG = "config.json";
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";
    static final String SAFETENSORS_ENDING = ".safetensors";
    static final String PYTORCH_ENDING = ".bin";
    private static final String PYTORCH = "pytorch_model.bin";
    private static final String PYTORCH_INDEX = "pytorch_model.bin.index.json";
    /** How the text begins that stands for a large file in a clone without git-lfs; as long as a header's length. */
    private static final byte[] POINTER = "version ".getBytes(StandardCharsets.US_ASCII);

    /** As {@link Checkpoint#open(Path)} looks for them. */
    static CheckpointFiles find(Path folderOrFile) throws IOException {
        if (Files.isDirectory(folderOrFile)) {
            return inFolder(folderOrFile);
        }
        if (!Files.exists(folderOrFile)) {
            throw new CheckpointException(folderOrFile, "there is no such folder or file");
        }
        return single(folderOrFile);
    }

    /** The files of PyTorch's format, whatever others are there: in a folder, or the file that is named itself. */
    static CheckpointFiles findPyTorch(Path folderOrFile) throws IOException {
        if (folderOrFile.toString().endsWith(SAFETENSORS_ENDING) && Files.exists(folderOrFile)) {
            throw new CheckpointException(folderOrFile, "it is safetensors already; name a folder with " + PYTORCH);
        }
        if (!Files.isDirectory(folderOrFile)) {
            return find(folderOrFile);
        }
        CheckpointFiles found = inFolder(folderOrFile, PYTORCH, PYTORCH_INDEX);
        if (found == null) {
            throw new CheckpointException(folderOrFile, "the folder holds no weights of PyTorch's format: neither "
                    + PYTORCH + " nor " + PYTORCH_INDEX);
        }
        return found;
    }

    private static CheckpointFiles inFolder(Path folder) throws IOException {
        CheckpointFiles found = inFolder(folder, SINGLE, INDEX);
        if (found == null) {
            found = inFolder(folder, PYTORCH, PYTORCH_INDEX);
        }
        if (found == null) {
            throw new CheckpointException(folder, "the folder holds no weights: neither " + SINGLE + " nor " + INDEX
                    + ", " + PYTORCH + " or " + PYTORCH_INDEX);
        }
        return found;
    }

    /** The one file, else those of the index, else null. */
    private static CheckpointFiles inFolder(Path folder, String single, String index) throws IOException {
        if (Files.exists(folder.resolve(single))) {
            return single(folder.resolve(single));
        }
        return Files.exists(folder.resolve(index)) ? indexed(folder, folder.resolve(index)) : null;
    }

    /** Refuses what stands for a file instead of the file. */
    static void refusePointer(Path file, MemorySegment bytes) throws CheckpointException {
        if (bytes.byteSize() >= POINTER.length) {
            refusePointer(file, bytes.asSlice(0, POINTER.length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** The same by its first eight bytes. */
    static void refusePointer(Path file, byte[] beginning) throws CheckpointException {
        if (Arrays.equals(beginning, POINTER)) {
            throw new CheckpointException(file,
                    "it is a Git LFS pointer and not the weights; \"git lfs pull\" in its folder fetches them");
        }
    }

    /** Whether a file begins with these bytes. */
    static boolean begins(MemorySegment bytes, byte[] beginning) {
        return bytes.byteSize() >= beginning.length
                && Arrays.equals(bytes.asSlice(0, beginning.length).toArray(ValueLayout.JAVA_BYTE), beginning);
    }

    private static CheckpointFiles single(Path file) throws CheckpointException {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file, "it must be a regular file");
        }
        return new CheckpointFiles(List.of(file), Map.of());
    }

    private static CheckpointFiles indexed(Path folder, Path index) throws IOException {
        Object root;
        try {
            root = Json.parse(Files.readAllBytes(index), index.toString());
        } catch (JsonException e) {
            throw new CheckpointException(e);
        }
        if (!(root instanceof Map<?, ?> fields && fields.get("weight_map") instanceof Map<?, ?> weightMap)
                || weightMap.isEmpty()) {
            throw new CheckpointException(index,
                    "it must have a \"weight_map\" from the tensors' names to their files");
        }
        Map<String, Path> placement = new LinkedHashMap<>();
        SortedSet<Path> shards = new TreeSet<>();
        SortedSet<Path> missing = new TreeSet<>();
        for (Map.Entry<?, ?> entry : weightMap.entrySet()) {
            String tensor = (String) entry.getKey();
            Path shard = folder.resolve(plainName(index, tensor, entry.getValue()));
            placement.put(tensor, shard);
            if (shards.add(shard) && !Files.isRegularFile(shard)) {
                missing.add(shard.getFileName());
            }
        }
        if (!missing.isEmpty()) {
            throw new CheckpointException(index, missing.size() + " of the " + shards.size()
                    + " files that it names are not in its folder: " + missing);
        }
        return new CheckpointFiles(List.copyOf(shards), placement);
    }

    /** An index comes from elsewhere: it must not make anything outside the folder be read. */
    private static Path plainName(Path index, String tensor, Object value) throws CheckpointException {
        boolean plain = value instanceof String name && !name.isEmpty() && !name.equals(".") && !name.equals("..")
                && name.indexOf('/') < 0 && name.indexOf('\\') < 0;
        try {
            Path path = plain ? Path.of((String) value) : null;
            if (path != null && !path.isAbsolute() && path.getNameCount() == 1 && path.getRoot() == null) {
                return path;
            }
        } catch (InvalidPathException e) {
            // Said below.
        }
        throw new CheckpointException(index, tensor,
                "must be in a file of the same folder, named without a path, not in " + value);
    }
}
