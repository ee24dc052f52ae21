package dev.bert4j.weights;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How quantised weights lie in a safetensors file: the metadata say {@code "bert4j.int8": "1"}; a matrix {@code NAME}
 * of type I8, {@code [rows, columns]}, has beside it {@code NAME_scale} of type F32, {@code [rows]}, and its values are
 * integer times scale of the row. Integers are −127 to 127, zero is zero. All other tensors are as usual.
 *
 * <p>In version {@code "2"} a matrix may also have {@code NAME_column_scale} of type F32, {@code [columns]}, by which
 * those values are multiplied then. It is written where a matrix has one.
 */
final class QuantizedFormat {
    /** The key of the metadata. */
    static final String KEY = "bert4j.int8";
    /** The versions: with scales of rows, and also of columns. */
    static final String VERSION = "1";
    private static final String WITH_COLUMNS = "2";
    private static final String ENDING = "_scale";
    private static final String COLUMNS_ENDING = "_column_scale";

    private QuantizedFormat() {
    }

    /** Of shards, each says only what it needs itself: the later version of two. */
    static String later(String one, String other) {
        return one.length() != other.length() ? one.length() > other.length() ? one : other
                : one.compareTo(other) > 0 ? one : other;
    }

    /** Puts matrices and their scales together, where the metadata say that there are any. */
    static void join(Map<String, WeightTensor> tensors, Map<String, String> metadata, Path file)
            throws CheckpointException {
        String version = metadata.get(KEY);
        if (version == null) {
            return;
        }
        if (!version.equals(VERSION) && !version.equals(WITH_COLUMNS)) {
            throw new CheckpointException(file, "its int8 weights are of version " + version + "; this bert4j reads "
                    + VERSION + " and " + WITH_COLUMNS + ": use a newer one, or quantise again");
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
            requireScales(scales, "row");
            WeightTensor ofColumns = tensors.remove(name + COLUMNS_ENDING);
            if (ofColumns != null) {
                if (version.equals(VERSION)) {
                    throw new CheckpointException(file, "says that its int8 weights are of version " + VERSION
                            + ", but has " + ofColumns.name() + ", which is of version " + WITH_COLUMNS);
                }
                if (ofColumns.dtype() != DType.F32 || ofColumns.rank() != 1
                        || ofColumns.size(0) != matrix.size(1)) {
                    throw new CheckpointException(ofColumns.file(), ofColumns.name(), "must be of type F32 with one"
                            + " value for each column of " + name);
                }
                requireScales(ofColumns, "column");
            }
            tensors.put(name, matrix.withScales(scales, ofColumns));
        }
    }

    private static void requireScales(WeightTensor scales, String of) throws CheckpointException {
        for (long i = 0; i < scales.size(0); i++) {
            if (!(scales.get(i) >= 0 && scales.get(i) < Float.POSITIVE_INFINITY)) {
                throw new CheckpointException(scales.file(), scales.name(), "has the value " + scales.get(i)
                        + " for " + of + " " + i + "; scales are finite numbers from 0 on");
            }
        }
    }

    /** Whether a tensor that is not quantised would be taken for a part of what is. */
    static boolean isReserved(WeightTensor tensor, Map<String, WeightTensor> written) {
        String name = tensor.name();
        return tensor.dtype() == DType.I8 && tensor.scales() == null || isBeside(name, ENDING, written)
                || isBeside(name, COLUMNS_ENDING, written);
    }

    private static boolean isBeside(String name, String ending, Map<String, WeightTensor> written) {
        WeightTensor matrix = name.endsWith(ending)
                ? written.get(name.substring(0, name.length() - ending.length())) : null;
        return matrix != null && matrix.scales() != null;
    }

    /** The tensors as they are written: after each quantised matrix, its scales of rows and columns. */
    static Map<String, WeightTensor> split(Map<String, WeightTensor> tensors) {
        Map<String, WeightTensor> all = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            all.put(name, tensor);
            if (tensor.scales() != null) {
                all.put(name + ENDING, tensor.scales());
            }
            if (tensor.columnScales() != null) {
                all.put(name + COLUMNS_ENDING, tensor.columnScales());
            }
        });
        return all;
    }

    /** What the metadata of a file with these tensors say. */
    static Map<String, String> metadata(Map<String, WeightTensor> tensors) {
        Map<String, String> said = new LinkedHashMap<>(Map.of("format", "pt"));
        if (tensors.values().stream().anyMatch(tensor -> tensor.scales() != null)) {
            said.put(KEY, tensors.values().stream().anyMatch(tensor -> tensor.columnScales() != null) ? WITH_COLUMNS
                    : VERSION);
        }
        return said;
    }
}
