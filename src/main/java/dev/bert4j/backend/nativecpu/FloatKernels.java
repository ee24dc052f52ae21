package dev.bert4j.backend.nativecpu;

import static dev.bert4j.backend.nativecpu.Downcalls.orNull;
import static dev.bert4j.backend.nativecpu.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The kernels of fp32 for one kind of instructions. Their bits are those of every other backend. But for the product of
 * weights, which takes any number of lanes, they compute multiples of {@link NativeKernels#leastLanes} of them.
 */
public final class FloatKernels {
    private static final MethodHandle GEMM = Downcalls.of(FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG,
            JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle ATTENTION = Downcalls.of(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT,
            ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_FLOAT, ADDRESS, JAVA_FLOAT,
            ADDRESS));
    private static final MethodHandle ADD = Downcalls.of(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT,
            JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle GELU = Downcalls.of(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT,
            JAVA_INT, ADDRESS));
    private static final MethodHandle NORM = Downcalls.of(FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_INT,
            JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_FLOAT));
    private static final MethodHandle REST = Downcalls.of(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT,
            ADDRESS, JAVA_INT));
    private static final MethodHandle FOLD = Downcalls.of(FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT,
            ADDRESS));
    private static final MethodHandle WIDEN = Downcalls.of(FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT,
            JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

    /** What {@link #widen} reads, in the order of bert4j.h. */
    public enum Stored {
        /** bfloat16. */
        BF16,
        /** binary16. */
        F16,
        /** Bytes, each times the scale of its row. */
        S8
    }

    private final String name;
    private final MemorySegment guarded;
    private final MemorySegment guardedWiden;
    private final MemorySegment gemm;
    private final MemorySegment attention;
    private final MemorySegment add;
    private final MemorySegment gelu;
    private final MemorySegment shortGelu;
    private final MemorySegment norm;
    private final MemorySegment rest;
    private final MemorySegment fold;
    private final MemorySegment widen;

    FloatKernels(NativeLibrary library, String name) {
        this.name = name;
        guarded = library.address("bert4j_guarded_f32");
        guardedWiden = library.address("bert4j_guarded_widen");
        gemm = library.address("bert4j_gemm_f32_" + name);
        attention = library.address("bert4j_attention_f32_" + name);
        add = library.address("bert4j_add_f32_" + name);
        gelu = library.address("bert4j_gelu_f32_" + name);
        shortGelu = library.address("bert4j_short_gelu_f32_" + name);
        norm = library.address("bert4j_norm_f32_" + name);
        rest = library.address("bert4j_rest_f32_" + name);
        fold = library.address("bert4j_fold_f32_" + name);
        widen = library.address("bert4j_widen_" + name);
    }

    /** The instructions. */
    public String name() {
        return name;
    }

    /**
     * {@code y[row][lane] = Σ w[row][k] · x[k][lane]}, each a chain of fused multiply-adds.
     *
     * @throws InternalError if w is a mapped file that cannot be read; y is half done then
     */
    public void gemm(MemorySegment w, long step, int rows, int depth, MemorySegment x, int lanes, int used,
            MemorySegment y) {
        try {
            Downcalls.requireRead((int) GEMM.invokeExact(guarded, gemm, w, step, rows, depth, x, lanes, used, y));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * {@code softmax(q·k·scale + mask)·v·factor} of one head: q and context {@code [size][lanes]}, keys and values
     * {@code [panel][feature][kvLanes]} from the first feature of the head on, in panels that lie {@code step} values
     * apart; the keys are {@code keys} tokens from {@code first} on. The mask has a value for each key, or is null.
     */
    public void attention(MemorySegment q, int lanes, int used, MemorySegment k, MemorySegment v, long step,
            int kvLanes, int first, int keys, int size, float scale, MemorySegment mask, float factor,
            MemorySegment context) {
        MemorySegment added = orNull(mask);
        try {
            ATTENTION.invokeExact(attention, q, lanes, used, k, v, step, kvLanes, first, keys, size, scale, added,
                    factor, context);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** {@code y = y + bias} by rows, and then {@code + residual}; both may be null. */
    public void add(MemorySegment y, int lanes, int rows, int used, MemorySegment bias, MemorySegment residual) {
        MemorySegment first = orNull(bias);
        MemorySegment second = orNull(residual);
        try {
            ADD.invokeExact(add, y, lanes, rows, used, first, second);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** {@code y = gelu(y + bias)} by rows; the bias may be null. */
    public void gelu(MemorySegment y, int lanes, int rows, int used, MemorySegment bias) {
        gelu(gelu, y, lanes, rows, used, bias);
    }

    /** The same within {@code 7e-6 · (4.5 + |x|)}, in a fifth of the time: for values that are rounded to bytes. */
    public void shortGelu(MemorySegment y, int lanes, int rows, int used, MemorySegment bias) {
        gelu(shortGelu, y, lanes, rows, used, bias);
    }

    private static void gelu(MemorySegment kernel, MemorySegment y, int lanes, int rows, int used,
            MemorySegment bias) {
        MemorySegment added = orNull(bias);
        try {
            GELU.invokeExact(kernel, y, lanes, rows, used, added);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * Rows of weights that are stored in fewer bits as fp32, {@code [rows][depth]}.
     *
     * @param scales of the rows, for bytes, or null
     * @throws InternalError if w is a mapped file that cannot be read
     */
    public void widen(MemorySegment w, Stored stored, int rows, int depth, MemorySegment scales, MemorySegment to) {
        MemorySegment factors = orNull(scales);
        try {
            Downcalls.requireRead((int) WIDEN.invokeExact(guardedWiden, widen, w, stored.ordinal(), rows, depth,
                    factors, to));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** What {@link ByteKernels#pack} leaves of a panel when it rounds it. */
    public void rest(MemorySegment x, int depth, int lanes, MemorySegment to) {
        rest(x, depth, lanes, to, 0);
    }

    /** A panel of twice as many lanes: x, and beside it what {@link #rest} gives. */
    public void withRest(MemorySegment x, int depth, int lanes, MemorySegment to) {
        rest(x, depth, lanes, to, 1);
    }

    private void rest(MemorySegment x, int depth, int lanes, MemorySegment to, int beside) {
        try {
            REST.invokeExact(rest, x, depth, lanes, to, beside);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Adds the second half of the lanes of a panel, which has twice as many, to the first. */
    public void fold(MemorySegment x, int lanes, int rows, MemorySegment y) {
        try {
            FOLD.invokeExact(fold, x, lanes, rows, y);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Layer normalisation of each lane over its features; y may be x. */
    public void norm(MemorySegment x, MemorySegment y, int lanes, int features, int used, MemorySegment weight,
            MemorySegment bias, float eps) {
        try {
            NORM.invokeExact(norm, x, y, lanes, features, used, weight, bias, eps);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }
}
