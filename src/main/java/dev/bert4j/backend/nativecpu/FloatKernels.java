package dev.bert4j.backend.nativecpu;

import static dev.bert4j.backend.nativecpu.Downcalls.call;
import static dev.bert4j.backend.nativecpu.Downcalls.orNull;
import static dev.bert4j.backend.nativecpu.Downcalls.require;
import static dev.bert4j.backend.nativecpu.Downcalls.requireIfAny;
import static dev.bert4j.backend.nativecpu.Downcalls.rows;
import static java.lang.foreign.MemorySegment.NULL;

import java.lang.foreign.MemorySegment;

/**
 * The kernels of fp32 for one kind of instructions. Their bits are those of every other backend. But for the product of
 * weights, which takes any number of lanes, they compute multiples of {@link NativeKernels#leastLanes} of them.
 *
 * <p>Behind each segment stands how many bytes of it lie before what is meant.
 */
public final class FloatKernels {
    /** What {@link #widen} reads, in the order of bert4j.h. */
    public enum Stored {
        /** bfloat16. */
        BF16(2),
        /** binary16. */
        F16(2),
        /** Bytes, each times the scale of its row. */
        S8(1);

        private final int bytes;

        Stored(int bytes) {
            this.bytes = bytes;
        }

        /** Of a weight. */
        public int bytes() {
            return bytes;
        }
    }

    private final String name;
    private final String products;
    private final MemorySegment lineStart;
    private final NativeLibrary.Kernel gemm;
    /** Null where there is none. */
    private final NativeLibrary.Kernel gemmOfStored;
    private final NativeLibrary.Kernel attention;
    private final NativeLibrary.Kernel add;
    private final NativeLibrary.Kernel gelu;
    private final NativeLibrary.Kernel shortGelu;
    private final NativeLibrary.Kernel tanh;
    private final NativeLibrary.Kernel norm;
    private final NativeLibrary.Kernel rest;
    private final NativeLibrary.Kernel scale;
    private final NativeLibrary.Kernel fold;
    private final NativeLibrary.Kernel widen;

    /** @param products what the names of products of fp32 weights end with, of a kind that goes with the others */
    FloatKernels(NativeLibrary library, String name, String products) {
        this.name = name;
        this.products = products;
        lineStart = library.address("bert4j_call_line_start");
        gemm = library.kernel("gemm_f32", products);
        gemmOfStored = name.startsWith("avx") ? library.kernel("gemm_stored_f32", name) : null;
        attention = library.kernel("attention_f32", name);
        add = library.kernel("add_f32", name);
        gelu = library.kernel("gelu_f32", name);
        shortGelu = library.kernel("gelu_f32", "short_gelu_f32", name);
        tanh = library.kernel("gelu_f32", "tanh_f32", name);
        norm = library.kernel("norm_f32", name);
        rest = library.kernel("rest_f32", name);
        scale = library.kernel("scale_f32", name);
        fold = library.kernel("fold_f32", name);
        widen = library.kernel("widen", name);
    }

    /** The instructions. */
    public String name() {
        return name;
    }

    /** How many values of an array lie before the first that begins a line of the cache, as the array lies now. */
    public int lineStart(MemorySegment array) {
        return Downcalls.number(lineStart, array);
    }

    /**
     * {@code y[row][lane] = Σ w[row][k] · x[k][lane]}, each a chain of fused multiply-adds.
     *
     * @throws InternalError if w is a mapped file that cannot be read; y is half done then
     */
    public void gemm(MemorySegment w, long wAt, long step, int rows, int depth, MemorySegment x, long xAt, int lanes,
            int used, MemorySegment y, long yAt) {
        gemm(w, wAt, step, rows, depth, x, xAt, lanes, used, y, yAt, -1);
    }

    /**
     * The same, with the panel that comes next.
     *
     * @param nextAt where in the segment of x the panel lies that these rows are multiplied with next, so that it is
     *         fetched meanwhile; below 0 if there is none
     */
    public void gemm(MemorySegment w, long wAt, long step, int rows, int depth, MemorySegment x, long xAt, int lanes,
            int used, MemorySegment y, long yAt, long nextAt) {
        require(w, wAt, rows(rows, step, 4L * depth));
        require(x, xAt, 4L * depth * lanes);
        require(y, yAt, 4L * rows * lanes);
        call(gemm.function(), gemm.address(), w, wAt, x, xAt, y, yAt, nextAt < 0 ? NULL : x, Math.max(nextAt, 0), step,
                rows, depth, lanes, used, 0);
    }

    /** Rows that {@link #gemm} multiplies side by side with panels of so many lanes, all used: as f32_*.c has them. */
    public int tileRows(int lanes) {
        return switch (products) {
            case "avx2" -> lanes > 8 ? 6 : 8;
            case "avx512" -> lanes % 16 == 0 ? 8 : 16;
            default -> 8;
        };
    }

    /** A multiple of the rows of every tile, whatever vectors of a panel are used, and of {@link #gemmOfStored}. */
    public int tileRowsOfAny() {
        return name.equals("avx512") ? 16 : 24;
    }

    /**
     * For how many tokens {@link #gemmOfStored} is faster than to widen rows first, as measured; 0 where there is none.
     * With more tokens weights are widened more often, which of bf16 costs nothing where registers are many.
     */
    public int mostTokensOfStored(Stored stored) {
        if (gemmOfStored == null) {
            return 0;
        }
        boolean wide = name.equals("avx512");
        return switch (stored) {
            case BF16 -> wide ? Integer.MAX_VALUE : 64;
            case F16 -> wide ? 128 : 16;
            case S8 -> wide ? 32 : 16;
        };
    }

    /**
     * The same with weights as they are stored, {@code [rows][depth]}, which are widened where they are multiplied: the
     * bits of {@link #widen} and then {@link #gemm}. {@link #mostTokensOfStored} says when it pays.
     *
     * @param scales as for {@link #widen}
     * @param columns as for {@link #widen}
     * @throws InternalError if w is a mapped file that cannot be read; y is half done then
     */
    public void gemmOfStored(MemorySegment w, long wAt, Stored stored, int rows, int depth, MemorySegment scales,
            long scalesAt, MemorySegment columns, MemorySegment x, long xAt, int lanes, int used, MemorySegment y,
            long yAt) {
        requireStored(w, wAt, stored, rows, depth, scales, scalesAt, columns);
        require(x, xAt, 4L * depth * lanes);
        require(y, yAt, 4L * rows * lanes);
        call(gemmOfStored.function(), gemmOfStored.address(), w, wAt, orNull(scales), scalesAt, orNull(columns), 0, x,
                xAt, y, yAt, NULL, 0, 0, stored.ordinal(), rows, depth, lanes, used, 0, 0, 0);
    }

    /**
     * {@code softmax(q·k·scale + mask)·v·factor} of one head: q and context {@code [size][lanes]}, keys and values
     * {@code [panel][feature][kvLanes]} from the first feature of the head on, in panels that lie {@code step} values
     * apart; the keys are {@code keys} tokens from {@code first} on. The mask has a value for each key, or is null.
     */
    public void attention(MemorySegment q, long qAt, int lanes, int used, MemorySegment k, long kAt, MemorySegment v,
            long vAt, long step, int kvLanes, int first, int keys, int size, float scale, MemorySegment mask,
            long maskAt, float factor, MemorySegment context, long contextAt) {
        int panels = keys <= 0 ? 0 : (first + keys - 1) / kvLanes + 1;
        long kvBytes = rows(panels, 4 * step, 4L * size * kvLanes);
        require(q, qAt, rows(size, 4L * lanes, 4L * used));
        require(k, kAt, kvBytes);
        require(v, vAt, kvBytes);
        requireIfAny(mask, maskAt, 4L * keys);
        require(context, contextAt, rows(size, 4L * lanes, 4L * used));
        call(attention.function(), attention.address(), q, qAt, k, kAt, v, vAt, orNull(mask), maskAt, context,
                contextAt, NULL, 0, step, lanes, used, kvLanes, first, keys, size, scale, factor);
    }

    /** {@code y = y + bias} by rows, and then {@code + residual}; both may be null. */
    public void add(MemorySegment y, long yAt, int lanes, int rows, int used, MemorySegment bias, long biasAt,
            MemorySegment residual, long residualAt) {
        long bytes = rows(rows, 4L * lanes, 4L * used);
        require(y, yAt, bytes);
        requireIfAny(bias, biasAt, 4L * rows);
        requireIfAny(residual, residualAt, bytes);
        call(add.function(), add.address(), y, yAt, orNull(bias), biasAt, orNull(residual), residualAt, NULL, 0, 0,
                lanes, rows, used, 0, 0);
    }

    /** {@code y = gelu(y + bias)} by rows; the bias may be null. */
    public void gelu(MemorySegment y, long yAt, int lanes, int rows, int used, MemorySegment bias, long biasAt) {
        activate(gelu, y, yAt, lanes, rows, used, bias, biasAt);
    }

    /** {@code y = tanh(y + bias)} by rows; the bias may be null. */
    public void tanh(MemorySegment y, long yAt, int lanes, int rows, int used, MemorySegment bias, long biasAt) {
        activate(tanh, y, yAt, lanes, rows, used, bias, biasAt);
    }

    /** GELU within {@code 7e-6 · (4.5 + |x|)}, in about half of the time: for values that are rounded to bytes. */
    public void shortGelu(MemorySegment y, long yAt, int lanes, int rows, int used, MemorySegment bias, long biasAt) {
        activate(shortGelu, y, yAt, lanes, rows, used, bias, biasAt);
    }

    private static void activate(NativeLibrary.Kernel kernel, MemorySegment y, long yAt, int lanes, int rows, int used,
            MemorySegment bias, long biasAt) {
        require(y, yAt, rows(rows, 4L * lanes, 4L * used));
        requireIfAny(bias, biasAt, 4L * rows);
        call(kernel.function(), kernel.address(), y, yAt, orNull(bias), biasAt, NULL, 0, NULL, 0, 0, lanes, rows, used,
                0, 0);
    }

    /**
     * Rows of weights that are stored in fewer bits as fp32, {@code [rows][depth]}.
     *
     * @param scales of the rows, for bytes
     * @param columns scales of the columns, for bytes, or null
     * @throws InternalError if w is a mapped file that cannot be read
     */
    public void widen(MemorySegment w, long wAt, Stored stored, int rows, int depth, MemorySegment scales,
            long scalesAt, MemorySegment columns, MemorySegment to, long toAt) {
        requireStored(w, wAt, stored, rows, depth, scales, scalesAt, columns);
        require(to, toAt, 4L * rows * depth);
        call(widen.function(), widen.address(), w, wAt, orNull(scales), scalesAt, orNull(columns), 0, to, toAt, 0,
                stored.ordinal(), rows, depth, 0, 0);
    }

    private static void requireStored(MemorySegment w, long wAt, Stored stored, int rows, int depth,
            MemorySegment scales, long scalesAt, MemorySegment columns) {
        require(w, wAt, (long) rows * depth * stored.bytes);
        requireIfAny(columns, 0, 4L * depth);
        if (stored == Stored.S8) {
            require(scales, scalesAt, 4L * rows);
        }
    }

    /** What {@link ByteKernels#pack} leaves of a panel when it rounds it. */
    public void rest(MemorySegment x, long xAt, int depth, int lanes, MemorySegment to, long toAt) {
        rest(x, xAt, depth, lanes, to, toAt, 0);
    }

    /** A panel of twice as many lanes: x, and beside it what {@link #rest} gives. */
    public void withRest(MemorySegment x, long xAt, int depth, int lanes, MemorySegment to, long toAt) {
        rest(x, xAt, depth, lanes, to, toAt, 1);
    }

    private void rest(MemorySegment x, long xAt, int depth, int lanes, MemorySegment to, long toAt, int beside) {
        require(x, xAt, 4L * depth * lanes);
        require(to, toAt, 4L * (1 + beside) * depth * lanes);
        call(rest.function(), rest.address(), x, xAt, to, toAt, NULL, 0, NULL, 0, 0, depth, lanes, beside, 0, 0);
    }

    /** Each feature of a panel times a factor of its own. */
    public void scale(MemorySegment x, long xAt, int depth, int lanes, MemorySegment factors, long factorsAt,
            MemorySegment y, long yAt) {
        require(x, xAt, 4L * depth * lanes);
        require(factors, factorsAt, 4L * depth);
        require(y, yAt, 4L * depth * lanes);
        call(scale.function(), scale.address(), x, xAt, factors, factorsAt, y, yAt, NULL, 0, 0, depth, lanes, 0, 0, 0);
    }

    /** Adds the second half of the lanes of a panel, which has twice as many, to the first. */
    public void fold(MemorySegment x, long xAt, int lanes, int rows, MemorySegment y, long yAt) {
        require(x, xAt, 8L * rows * lanes);
        require(y, yAt, 4L * rows * lanes);
        call(fold.function(), fold.address(), x, xAt, y, yAt, NULL, 0, NULL, 0, 0, lanes, rows, 0, 0, 0);
    }

    /** Layer normalisation of each lane over its features; y may be x. */
    public void norm(MemorySegment x, long xAt, MemorySegment y, long yAt, int lanes, int features, int used,
            MemorySegment weight, long weightAt, MemorySegment bias, long biasAt, float eps) {
        long bytes = rows(features, 4L * lanes, 4L * used);
        require(x, xAt, bytes);
        require(y, yAt, bytes);
        require(weight, weightAt, 4L * features);
        require(bias, biasAt, 4L * features);
        call(norm.function(), norm.address(), x, xAt, y, yAt, weight, weightAt, bias, biasAt, 0, lanes, features, used,
                0, eps);
    }
}
