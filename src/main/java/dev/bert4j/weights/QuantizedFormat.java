package dev.bert4j.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How quantised weights lie in a safetensors file, version 1: the metadata say {@code "bert4j.int8": "1"}; a matrix
 * {@code NAME} of type I8, {@code [rows, columns]}, has beside it {@code NAME_scale} of type F32, {@code [rows]}, and
 * its values are integer times scale of the row. Integers are −127 to 127, zero is zero. All other tensors are as
 * usual.
 */
final class QuantizedFormat {
    /** The key of the metadata. */
    static final String KEY = "bert4j.int8";
    /** The version that is written, and the only one that is read. */
    static final String VERSION = "1";
    private static final String ENDING = "_scale";

    private QuantizedFormat() {
    }

    /** Puts matrices and their scales together, where the metadata say that there are any. */
    static void join(Map<String, WeightTensor> tensors, Map<String, String> metadata) throws CheckpointException {
        String version = metadata.get(KEY);
        if (version == null) {
            return;
        }
        if (!version.equals(VERSION)) {
            throw new CheckpointException(tensors.values().iterator().next().file(), "its int8 weights are of version "
                    + version + "; this bert4j reads version " + VERSION + ": use a newer one, or quantise again");
        }
        for (String name : List.copyOf(tensors.keySet())) {
            WeightTensor matrix = tensors.get(name);
            if (matrix == null || matrix.dtype() != DType.I8) {
                continue;
            }
            WeightTensor scales = tensors.remove(name + ENDING);
            if (matrix.rank() != 2 || scales == null || scales.dtype() != DType.F32 || scales.rank() != 1
                    || scales.size(0) != matrix.size(0)) {
                throw new CheckpointException(matrix.file(), name, "is of type I8 and must be a matrix with a tensor "
                        + name + ENDING + " of type F32 beside it, one value for each of its rows");
            }
            tensors.put(name, matrix.withScales(scales));
        }
    }

    /** The tensors as they are written: after each quantised matrix, its scales. */
    static Map<String, WeightTensor> split(Map<String, WeightTensor> tensors) {
        Map<String, WeightTensor> all = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            all.put(name, tensor);
            if (tensor.scales() != null) {
                all.put(name + ENDING, tensor.scales());
            }
        });
        return all;
    }

    /** What the metadata of a file with these tensors say. */
    static Map<String, String> metadata(Map<String, WeightTensor> tensors) {
        Map<String, String> said = new LinkedHashMap<>(Map.of("format", "pt"));
        if (tensors.values().stream().anyMatch(tensor -> tensor.scales() != null)) {
            said.put(KEY, VERSION);
        }
        return said;
    }
}
