package dev.bert4j.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes the weights of PyTorch's format as safetensors. Names, types and bits stay; of tensors that are one, as tied
 * weights are, the first by name is written, for safetensors has no way to say so and models tie them again.
 */
public final class CheckpointConverter {
    /** What goes along to another folder, so that it is a model's. */
    private static final List<String> BESIDE = List.of("config.json", "vocab.txt", "tokenizer.json",
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
        Map<String, byte[]> beside = beside(found.files().getFirst().toAbsolutePath().getParent(), target);
        if (!replace) {
            requireNew(target, beside);
        }
        try (Checkpoint checkpoint = Checkpoint.open(source, found); var _ = checkpoint.acquire()) {
            Map<String, String> leftOut = duplicates(checkpoint.tensors());
            Map<String, WeightTensor> written = new LinkedHashMap<>(checkpoint.tensors());
            written.keySet().removeAll(leftOut.keySet());
            List<String> names = CheckpointWriter.write(target, written, maxShardSize, beside);
            return new Converted(names.stream().map(target::resolve).toList(), written.size(), leftOut);
        }
    }

    static Map<String, byte[]> beside(Path from, Path target) throws IOException {
        Map<String, byte[]> beside = new LinkedHashMap<>();
        if (Files.exists(target) && Files.isSameFile(from, target)) {
            return beside;
        }
        for (String name : BESIDE) {
            if (Files.isRegularFile(from.resolve(name))) {
                beside.put(name, Files.readAllBytes(from.resolve(name)));
            }
        }
        return beside;
    }

    static void requireNew(Path target, Map<String, byte[]> beside) throws IOException {
        if (!Files.isDirectory(target)) {
            return;
        }
        try (Stream<Path> files = Files.list(target)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (CheckpointWriter.isOfAModel(name) || beside.containsKey(name)) {
                    throw new CheckpointException(file,
                            "it is there already, and is replaced only when that is asked for (--force)");
                }
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
