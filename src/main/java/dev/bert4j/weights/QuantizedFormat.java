package dev.bert4j.weights;

import java.nio.file.Path;
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
    static void join(Map<String, WeightTensor> tensors, Map<String, String> metadata, Path file)
            throws CheckpointException {
        String version = metadata.get(KEY);
        if (version == null) {
            return;
        }
        if (!version.equals(VERSION)) {
            throw new CheckpointException(file, "its int8 weights are of version "
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
            requireScales(scales);
            tensors.put(name, matrix.withScales(scales));
        }
    }

    private static void requireScales(WeightTensor scales) throws CheckpointException {
        for (long i = 0; i < scales.size(0); i++) {
            if (!(scales.get(i) >= 0 && scales.get(i) < Float.POSITIVE_INFINITY)) {
                throw new CheckpointException(scales.file(), scales.name(), "has the value " + scales.get(i)
                        + " for row " + i + "; scales are finite numbers from 0 on");
            }
        }
    }

    /** Whether a tensor that is not quantised would be taken for a part of what is. */
    static boolean isReserved(WeightTensor tensor, Map<String, WeightTensor> written) {
        String name = tensor.name();
        WeightTensor matrix = name.endsWith(ENDING)
                ? written.get(name.substring(0, name.length() - ENDING.length())) : null;
        return tensor.dtype() == DType.I8 && tensor.scales() == null || matrix != null && matrix.scales() != null;
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
