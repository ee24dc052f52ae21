package dev.bert4j.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Writes the weights of PyTorch's format as safetensors. Names, types and bits stay; of tensors that are one, as tied
 * weights are, the first by name is written, for safetensors has no way to say so and models tie them again.
 */
public final class CheckpointConverter {
    /** What goes along to another folder, so that it is a model's. */
    private static final List<String> BESIDE = List.of(CheckpointFiles.CONFIG, "vocab.txt", "tokenizer.json",
            "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json");

    private CheckpointConverter() {
    }

    /**
     * What a conversion did.
     *
     * @param files what was written
     * @param tensors how many tensors are in them
     * @param leftOut the names that were left out, each → the name under which the same tensor is there
     */
    public record Converted(List<Path> files, int tensors, Map<String, String> leftOut) {
    }

    /**
     * Converts the weights of a folder. Into another folder go its config and its tokenizer's files, too.
     *
     * @param source a folder with {@code pytorch_model.bin} or with its shards and their index; or such a file
     * @param target the folder to write to, made if it is not there; it may be that of the source
     * @param maxShardSize bytes of tensors that a file may have, as by {@link CheckpointWriter#write}
     * @param replace whether files of these names may be replaced
     * @throws CheckpointException if the source cannot be read or the target not be written, or has such files that
     *         may not be replaced; then it is as it was
     */
    public static Converted convert(Path source, Path target, long maxShardSize, boolean replace) throws IOException {
        CheckpointFiles found = CheckpointFiles.findPyTorch(source);
        Path folder = found.files().getFirst().toAbsolutePath().getParent();
        boolean elsewhere = !Files.exists(target) || !Files.isSameFile(folder, target);
        Map<String, byte[]> beside = elsewhere ? beside(folder) : Map.of();
        if (!replace && elsewhere) {
            requireNew(target, beside);
        } else if (!replace) {
            requireNoWeights(target);
        }
        try (Checkpoint checkpoint = Checkpoint.open(source, found); var _ = checkpoint.acquire()) {
            Map<String, String> leftOut = duplicates(checkpoint.tensors());
            Map<String, WeightTensor> written = new LinkedHashMap<>(checkpoint.tensors());
            written.keySet().removeAll(leftOut.keySet());
            List<String> names = CheckpointWriter.write(target, written, maxShardSize, beside, () -> {
                if (elsewhere) {
                    removeStale(target, beside);
                }
            });
            return new Converted(names.stream().map(target::resolve).toList(), written.size(), leftOut);
        }
    }

    /** Config and tokenizer of a folder. */
    static Map<String, byte[]> beside(Path from) throws IOException {
        Map<String, byte[]> beside = new LinkedHashMap<>();
        for (String name : BESIDE) {
            if (Files.isRegularFile(from.resolve(name))) {
                beside.put(name, Files.readAllBytes(from.resolve(name)));
            }
        }
        return beside;
    }

    /** Files of a model in a folder for another: the weights, and all else that would be read with them. */
    static List<Path> inTheWay(Path target, Map<String, byte[]> beside) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(target)) {
            try (Stream<Path> files = Files.list(target)) {
                files.filter(file -> CheckpointWriter.isOfAModel(file.getFileName().toString())).sorted()
                        .forEach(found::add);
            }
            Set<String> names = new TreeSet<>(beside.keySet());
            names.addAll(BESIDE);
            names.addAll(CheckpointQuantizer.OF_SENTENCES);
            names.stream().map(target::resolve).filter(Files::exists).forEach(found::add);
        }
        return found;
    }

    /** In its own folder a model keeps all but earlier weights. */
    private static void requireNoWeights(Path target) throws IOException {
        try (Stream<Path> files = Files.list(target)) {
            for (Path file : files.sorted().toList()) {
                if (CheckpointWriter.isOfAModel(file.getFileName().toString())) {
                    throw new CheckpointException(file,
                            "it is there already, and is replaced only when that is asked for (--force)");
                }
            }
        }
    }

    static void requireNew(Path target, Map<String, byte[]> beside) throws IOException {
        List<Path> found = inTheWay(target, beside);
        if (!found.isEmpty()) {
            throw new CheckpointException(found.getFirst(), "it is there already, and is replaced, or removed where the"
                    + " new model has none, only when that is asked for (--force)");
        }
    }

    /** Removes what another model has left in a folder and the new one has not. */
    static void removeStale(Path target, Map<String, byte[]> beside) throws IOException {
        for (Path file : inTheWay(target, beside)) {
            if (!CheckpointWriter.isOfAModel(file.getFileName().toString())
                    && !beside.containsKey(target.relativize(file).toString())) {
                Files.delete(file);
            }
        }
    }

    /** Tensors that lie in the same place in the same shape, but for the first by name. */
    private static Map<String, String> duplicates(Map<String, WeightTensor> tensors) {
        Map<List<Object>, String> first = new HashMap<>();
        Map<String, String> duplicates = new TreeMap<>();
        new TreeMap<>(tensors).forEach((name, tensor) -> {
            List<Object> place = List.of(tensor.data().address(), tensor.dtype(), Arrays.toString(tensor.shape()));
            String other = tensor.data().byteSize() == 0 ? null : first.putIfAbsent(place, name);
            if (other != null) {
                duplicates.put(name, other);
            }
        });
        return duplicates;
    }
}
