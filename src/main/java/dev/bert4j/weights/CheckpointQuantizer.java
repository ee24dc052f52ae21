package dev.bert4j.weights;

import dev.bert4j.json.Json;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;

/**
 * Writes a model with the matrices of its layers as int8, a quarter of their size: each output channel, a row, has a
 * scale, its largest magnitude / 127, and integers that are rounded to nearest. Where inputs are known, columns behind
 * layer normalisations are divided by scales of their own before. Embeddings,
 * layer normalisations, biases and heads stay as they are. The folder that is written opens like any other, and on
 * every backend.
 */
public final class CheckpointQuantizer {
    private static final Pattern OF_A_LAYER = Pattern.compile("(.*\\.)?encoder\\.layer\\.\\d+\\..*\\.weight");
    private static final Pattern OF_EMBEDDINGS = Pattern.compile("(.*\\.)?embeddings\\..*_embeddings\\.weight");
    /** What sentence-transformers has beside the model, and in folders of its modules. */
    static final List<String> OF_SENTENCES = List.of("modules.json", "sentence_bert_config.json",
            "config_sentence_transformers.json");

    private CheckpointQuantizer() {
    }

    /**
     * What was written.
     *
     * @param files the files
     * @param matrices how many matrices are int8 now
     * @param bytesBefore bytes of all weights before
     * @param bytesAfter bytes of all weights now
     */
    public record Quantized(List<Path> files, int matrices, long bytesBefore, long bytesAfter) {
    }

    /**
     * Quantises a model.
     *
     * @param source its folder
     * @param target another folder, made if it is not there; it gets config, tokenizer and weights, or nothing
     * @param embeddings whether lookup tables become int8, too, each row with a scale
     * @param replace whether files of these names may be replaced
     * @param progress is told, in percent, how much is done
     * @throws CheckpointException if the source cannot be read, has no such matrices, is quantised already or holds
     *         values in these matrices that are no finite numbers; or the target cannot be written
     * @throws IllegalArgumentException if both folders are one
     */
    public static Quantized quantize(Path source, Path target, boolean embeddings, boolean replace,
            IntConsumer progress) throws IOException {
        return quantize(source, target, embeddings, replace, weight -> null, progress);
    }

    /**
     * Quantises a model so that its layers lose least on inputs like some that were seen: query, key, value and
     * intermediate weights have scales of their columns, too, by the magnitudes of their inputs; integers are chosen by
     * what rounding does to the outputs, and biases take back what it does to them on average.
     *
     * @param inputs gives what comes into a layer, by the name of its weight as it is in the checkpoint, or null where
     *     that is not known; {@code dev.bert4j.InputRanges} is one for which only magnitudes are known, which takes no
     *     texts, and {@code dev.bert4j.Calibration} one that knows all
     */
    public static Quantized quantize(Path source, Path target, boolean embeddings, boolean replace,
            Function<String, InputStatistics> inputs, IntConsumer progress) throws IOException {
        Path folder = Checkpoint.folder(source);
        if (Files.isRegularFile(source) && source.getFileName().toString().matches(".*-of-\\d{5}\\..*")) {
            throw new CheckpointException(source, "is one of several files of a model; name their folder");
        }
        if (Files.exists(target) && Files.isSameFile(folder, target)) {
            throw new IllegalArgumentException("The quantised model must go to another folder than " + source
                    + ", whose weights would be lost.");
        }
        try (Checkpoint checkpoint = Checkpoint.open(source); var _ = checkpoint.acquire();
                Arena arena = Arena.ofShared()) {
            Map<String, byte[]> beside = CheckpointConverter.beside(folder);
            if (!beside.containsKey(CheckpointFiles.CONFIG)) {
                throw new CheckpointException(folder.resolve(CheckpointFiles.CONFIG),
                        "is missing; the folder of a model has it");
            }
            beside.putAll(ofSentences(folder));
            if (!replace) {
                CheckpointConverter.requireNew(target, beside);
            }
            Map<String, WeightTensor> written = new LinkedHashMap<>();
            Map<String, WeightTensor> corrected = new LinkedHashMap<>();
            ColumnScales columnScales = new ColumnScales(checkpoint.tensors());
            int matrices = 0;
            int seen = 0;
            for (Map.Entry<String, WeightTensor> entry : checkpoint.tensors().entrySet()) {
                WeightTensor tensor = entry.getValue();
                boolean ofLayer = tensor.rank() == 2 && OF_A_LAYER.matcher(entry.getKey()).matches();
                boolean chosen = ofLayer || tensor.rank() == 2 && embeddings
                        && OF_EMBEDDINGS.matcher(entry.getKey()).matches();
                if (chosen) {
                    RowQuantizer.require(tensor);
                    InputStatistics known = ofLayer ? inputs.apply(entry.getKey()) : null;
                    RowQuantizer quantizer = new RowQuantizer(tensor, columnScales.of(entry.getKey(), known), known);
                    written.put(entry.getKey(), quantizer.run(arena));
                    String bias = entry.getKey().replaceFirst("weight$", "bias");
                    if (known != null && known.covariance() != null && checkpoint.tensors().containsKey(bias)) {
                        corrected.put(bias, quantizer.corrected(checkpoint.get(bias), arena));
                    }
                    matrices++;
                } else {
                    written.put(entry.getKey(), tensor);
                }
                progress.accept(100 * ++seen / checkpoint.tensors().size());
            }
            written.putAll(corrected);
            if (matrices == 0) {
                throw new CheckpointException(checkpoint.files().getFirst(), "has no matrices of BERT's layers"
                        + " (encoder.layer.N.….weight) that could be quantised");
            }
            for (WeightTensor tensor : written.values()) {
                if (QuantizedFormat.isReserved(tensor, written)) {
                    throw new CheckpointException(tensor.file(), tensor.name(), "would be taken for a part of a"
                            + " quantised matrix; such a model cannot be quantised");
                }
            }
            List<String> names = CheckpointWriter.write(target, written, Long.MAX_VALUE, beside,
                    () -> CheckpointConverter.removeStale(target, beside));
            return new Quantized(names.stream().map(target::resolve).toList(), matrices, bytes(checkpoint.tensors()),
                    bytes(QuantizedFormat.split(written)));
        }
    }

    private static long bytes(Map<String, WeightTensor> tensors) {
        return tensors.values().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
    }

    /** Files of sentence-transformers, those of its modules by the names of their folders. */
    private static Map<String, byte[]> ofSentences(Path folder) throws IOException {
        Map<String, byte[]> found = new LinkedHashMap<>();
        for (String name : OF_SENTENCES) {
            if (Files.isRegularFile(folder.resolve(name))) {
                found.put(name, Files.readAllBytes(folder.resolve(name)));
            }
        }
        byte[] modules = found.get(OF_SENTENCES.getFirst());
        if (modules == null || !(Json.parse(modules, folder.resolve(OF_SENTENCES.getFirst()).toString())
                instanceof List<?> list)) {
            return found;
        }
        for (Object module : list) {
            String path = module instanceof Map<?, ?> keys && keys.get("path") instanceof String text ? text : "";
            for (String name : List.of(CheckpointFiles.CONFIG, "model.safetensors", "pytorch_model.bin")) {
                Path file = folder.resolve(path).resolve(name).toAbsolutePath().normalize();
                if (!path.isEmpty() && Files.isRegularFile(file)) {
                    if (!file.startsWith(folder.toAbsolutePath().normalize())) {
                        throw new CheckpointException(folder.resolve(OF_SENTENCES.getFirst()), "names the folder "
                                + path + ", which is outside of the model's");
                    }
                    found.put(path + "/" + name, Files.readAllBytes(file));
                }
            }
        }
        return found;
    }
}
