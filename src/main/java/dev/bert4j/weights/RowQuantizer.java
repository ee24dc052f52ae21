package dev.bert4j.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/**
 * Rounds a matrix to int8: each row, an output channel, has a scale, its largest magnitude / 127, once its columns are
 * divided by theirs, if they have any, and integers. Without
 * statistics of its inputs they are rounded to nearest; with them by {@link ErrorFeedback}, and by how much the errors
 * move an output on average, {@code Σ mean · error}, the bias takes back.
 */
final class RowQuantizer {
    private static final int MOST = 127;

    private final WeightTensor tensor;
    /** What the columns are divided by, or null. */
    private final float[] columnScales;
    private final InputStatistics inputs;
    private final ErrorFeedback feedback;
    private final int rows;
    private final int columns;
    /** What the bias lacks, if there are statistics. */
    private final float[] shift;

    /** Refuses a matrix that is quantised already or holds no numbers. */
    static void require(WeightTensor tensor) throws CheckpointException {
        if (tensor.scales() != null || !tensor.isComputable()) {
            throw new CheckpointException(tensor.file(), tensor.name(), tensor.scales() != null
                    ? "is quantised already; quantise the model that it was made from"
                    : "is of type " + tensor.dtype() + ", which cannot be quantised");
        }
    }

    /** For a matrix that {@link #require} takes, with scales of columns and statistics of inputs, each or null. */
    RowQuantizer(WeightTensor tensor, float[] columnScales, InputStatistics inputs) {
        this.tensor = tensor;
        this.columnScales = columnScales;
        boolean knowsErrors = inputs != null && inputs.covariance() != null;
        this.inputs = !knowsErrors ? null : columnScales == null ? inputs : inputs.times(columnScales);
        feedback = knowsErrors ? new ErrorFeedback(this.inputs.covariance()) : null;
        rows = Math.toIntExact(tensor.size(0));
        columns = Math.toIntExact(tensor.size(1));
        shift = new float[rows];
    }

    /** The matrix as int8. */
    WeightTensor run(Arena arena) throws CheckpointException {
        MemorySegment all = arena.allocate(Math.max(1, (long) rows * columns));
        float[] scales = new float[rows];
        for (int i = 0; i < rows; i++) {
            scales[i] = largest(row(i), i) / MOST;
        }
        IntStream.range(0, rows).parallel().forEach(i -> {
            float[] row = row(i);
            byte[] integers = new byte[columns];
            if (feedback == null) {
                round(row, scales[i], integers);
            } else {
                feedback.round(row, scales[i], MOST, integers);
                shift[i] = shift(row, scales[i], integers);
            }
            MemorySegment.copy(integers, 0, all, ValueLayout.JAVA_BYTE, (long) i * columns, columns);
        });
        return WeightTensor.quantized(tensor.name(), all.asSlice(0, (long) rows * columns),
                WeightTensor.of(arena, tensor.name(), scales, rows),
                columnScales == null ? null : WeightTensor.of(arena, tensor.name(), columnScales, columns), rows,
                columns);
    }

    /** A bias to go with what {@link #run} gave. */
    WeightTensor corrected(WeightTensor bias, Arena arena) {
        float[] values = bias.toFloatArray();
        for (int i = 0; i < rows; i++) {
            values[i] += shift[i];
        }
        return WeightTensor.of(arena, bias.name(), values, rows);
    }

    private float[] row(int number) {
        float[] row = new float[columns];
        tensor.copyTo((long) number * columns, MemorySegment.ofArray(row), columns);
        for (int k = 0; columnScales != null && k < columns; k++) {
            row[k] /= columnScales[k];
        }
        return row;
    }

    private float largest(float[] row, int number) throws CheckpointException {
        float largest = 0;
        for (float value : row) {
            if (!Float.isFinite(value)) {
                throw new CheckpointException(tensor.file(), tensor.name(), "has the value " + value + " in row "
                        + number + "; only finite numbers can be quantised");
            }
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static void round(float[] row, float scale, byte[] integers) {
        for (int k = 0; k < row.length; k++) {
            // A row of zeros, or of numbers so small that the scale is none, has zeros.
            long integer = scale == 0 ? 0 : Math.round((double) row[k] / scale);
            integers[k] = (byte) Math.clamp(integer, -MOST, MOST);
        }
    }

    private float shift(float[] row, float scale, byte[] integers) {
        double sum = 0;
        for (int k = 0; k < columns; k++) {
            sum += inputs.mean()[k] * (row[k] - (double) integers[k] * scale);
        }
        return (float) sum;
    }
}
