package dev.bert4j.weights;

import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes the files of a model folder: {@code model.safetensors}, or shards with their index, and what goes with them.
 *
 * <p>All files are complete, beside those that are there, before the first of them takes its place, and a config, by
 * which a folder is a model's, takes it last. A checkpoint that is mapped from the same folder stays as it was.
 */
public final class CheckpointWriter {
    private static final Pattern SHARD = Pattern.compile("model-\\d{5}-of-\\d{5}\\.safetensors");

    private CheckpointWriter() {
    }

    /**
     * Writes a model folder, making it if need be. Weights of an earlier model that lie there in other files, and would
     * be found before the new ones or be taken for a part of them, are removed.
     *
     * @param tensors what to write, under the names to write it under; a lease must keep it readable
     * @param maxShardSize bytes of tensors that a file may have; one that is larger gets a file of its own
     * @param beside further files, name → content; a name may be one in a folder of the folder
     * @return the names of the files that were written, those of the weights first
     * @throws CheckpointException if the files cannot be written; then the folder is as it was, unless the message says
     *         otherwise
     */
    public static List<String> write(Path folder, Map<String, WeightTensor> tensors, long maxShardSize,
            Map<String, byte[]> beside) throws IOException {
        return write(folder, tensors, maxShardSize, beside, () -> { });
    }

    /** The same, with something else to be removed, which is done before the new config is there. */
    static List<String> write(Path folder, Map<String, WeightTensor> tensors, long maxShardSize,
            Map<String, byte[]> beside, StagedFiles.Step removal) throws IOException {
        List<Path> made = makeFolder(folder.toAbsolutePath());
        for (String name : beside.keySet()) {
            made.addAll(makeFolder(folder.resolve(name).toAbsolutePath().getParent()));
        }
        boolean written = false;
        try (StagedFiles staged = new StagedFiles(folder, made)) {
            Map<String, WeightTensor> all = QuantizedFormat.split(tensors);
            List<Map<String, WeightTensor>> shards = split(all, maxShardSize);
            Map<String, String> weightMap = new TreeMap<>();
            List<String> names = new ArrayList<>();
            for (Map<String, WeightTensor> shard : shards) {
                String name = shards.size() == 1 ? CheckpointFiles.SINGLE : String.format(Locale.ROOT,
                        "model-%05d-of-%05d.safetensors", names.size() + 1, shards.size());
                staged.write(name, out -> SafetensorsOutput.write(out, shard));
                names.add(name);
                shard.keySet().forEach(tensor -> weightMap.put(tensor, name));
            }
            if (shards.size() > 1) {
                byte[] index = index(all, weightMap);
                staged.write(CheckpointFiles.INDEX, out -> SafetensorsOutput.writeAll(out, ByteBuffer.wrap(index)));
                names.add(CheckpointFiles.INDEX);
            }
            for (Map.Entry<String, byte[]> file : beside.entrySet()) {
                staged.write(file.getKey(),
                        out -> SafetensorsOutput.writeAll(out, ByteBuffer.wrap(file.getValue())));
                names.add(file.getKey());
            }
            requireFree(folder, names);
            written = true;
            staged.putInPlace(CheckpointFiles.CONFIG, () -> {
                removeOthers(folder, names);
                removal.run();
            });
            return names;
        } catch (IOException e) {
            for (Path each : made.reversed()) {
                // Not empty if another program has put something there in the meantime: then it stays.
                each.toFile().delete();
            }
            throw new CheckpointException(folder, "the model cannot be saved there: " + reason(e) + (written
                    ? "; some of its files may be new and others old" : ""), e);
        }
    }

    /** Makes a folder; returns what was made, outermost first. */
    private static List<Path> makeFolder(Path folder) throws CheckpointException {
        List<Path> made = new ArrayList<>();
        for (Path at = folder.toAbsolutePath(); at != null && Files.notExists(at); at = at.getParent()) {
            made.addFirst(at);
        }
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
            }
            return made;
        } catch (FileAlreadyExistsException e) {
            throw new CheckpointException(folder, "a model cannot be saved there, for it is a file; name a folder", e);
        } catch (IOException e) {
            throw new CheckpointException(folder, "the folder for the model cannot be made: " + reason(e), e);
        }
    }

    /** In the order given, a new shard wherever the next tensor would make one too large, as the reference does. */
    private static List<Map<String, WeightTensor>> split(Map<String, WeightTensor> tensors, long maxShardSize) {
        List<Map<String, WeightTensor>> shards = new ArrayList<>(List.of(new LinkedHashMap<>()));
        long size = 0;
        for (Map.Entry<String, WeightTensor> entry : tensors.entrySet()) {
            long bytes = entry.getValue().data().byteSize();
            if (size + bytes > maxShardSize && !shards.getLast().isEmpty()) {
                shards.add(new LinkedHashMap<>());
                size = 0;
            }
            shards.getLast().put(entry.getKey(), entry.getValue());
            size += bytes;
        }
        return shards;
    }

    private static byte[] index(Map<String, WeightTensor> tensors, Map<String, String> weightMap) {
        long total = tensors.values().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("metadata", Map.of("total_size", total));
        index.put("weight_map", weightMap);
        return (Json.writeIndented(index) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** A folder in the place of a file would stop the exchange in its middle. */
    private static void requireFree(Path folder, List<String> names) throws IOException {
        for (String name : names) {
            if (Files.isDirectory(folder.resolve(name))) {
                throw new IOException(name + " is a folder there");
            }
        }
    }

    private static void removeOthers(Path folder, List<String> names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (isOfAModel(name) && !names.contains(name)) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Whether a file of that name would be replaced or removed. */
    static boolean isOfAModel(String name) {
        return name.equals(CheckpointFiles.SINGLE) || name.equals(CheckpointFiles.INDEX)
                || SHARD.matcher(name).matches();
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "access is denied";
        }
        if (e instanceof NoSuchFileException none && none.getReason() == null) {
            return "nothing can be made at " + none.getFile();
        }
        return e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.getMessage();
    }
}
