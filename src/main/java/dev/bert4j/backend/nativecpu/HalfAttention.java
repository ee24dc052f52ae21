package dev.bert4j.backend.nativecpu;

import static dev.bert4j.backend.nativecpu.Downcalls.call;
import static dev.bert4j.backend.nativecpu.Downcalls.orNull;
import static dev.bert4j.backend.nativecpu.Downcalls.require;
import static dev.bert4j.backend.nativecpu.Downcalls.requireAligned;
import static dev.bert4j.backend.nativecpu.Downcalls.requireIfAny;
import static dev.bert4j.backend.nativecpu.Downcalls.rows;
import static java.lang.foreign.MemorySegment.NULL;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Attention whose products are of bf16, for one kind of instructions. Behind each segment stands how many bytes are
 * passed over.
 */
public final class HalfAttention {
    /** Features of a head at most. */
    public static final int MOST_SIZE = 128;

    private static final int STEP = 32;

    private final String name;
    private final NativeLibrary.Kernel pack;
    private final NativeLibrary.Kernel attention;

    HalfAttention(NativeLibrary library, String name) {
        this.name = name;
        pack = library.kernel("pack_attention_bf16", name);
        attention = library.kernel("attention_bf16", name);
    }

    /** The instructions. */
    public String name() {
        return name;
    }

    /** Bytes of the packed keys and values of a head. */
    public static long packedBytes(int keys, int size) {
        return 4L * Math.ceilDiv(keys, STEP) * STEP * Math.ceilDiv(size, STEP) * STEP;
    }

    /**
     * Packs the keys and values of a head: {@code [panel][feature][lanes]} from the first feature of the head on, in
     * panels that lie {@code step} values apart, {@code keys} tokens from {@code first} on.
     */
    public void pack(MemorySegment k, long kAt, MemorySegment v, long vAt, long step, int lanes, int first, int keys,
            int size, MemorySegment packed, long packedAt) {
        Objects.checkIndex(keys - 1, Integer.MAX_VALUE);
        Objects.checkIndex(size - 1, MOST_SIZE);
        long bytes = rows((first + keys - 1) / lanes + 1, 4 * step, 4L * size * lanes);
        require(k, kAt, bytes);
        require(v, vAt, bytes);
        requireAligned(packed, packedAt, packedBytes(keys, size));
        call(pack.function(), pack.address(), k, kAt, v, vAt, packed, packedAt, NULL, 0, step, lanes, first, keys, size,
                0);
    }

    /**
     * {@code softmax(q·k·scale + mask)·v·factor} of the queries in a panel, as {@link FloatKernels#attention} has it,
     * with keys and values that {@link #pack} has packed.
     */
    public void attend(MemorySegment q, long qAt, int lanes, int used, MemorySegment packed, long packedAt, int keys,
            int size, float scale, MemorySegment mask, long maskAt, float factor, MemorySegment context,
            long contextAt) {
        Objects.checkIndex(keys - 1, Integer.MAX_VALUE);
        Objects.checkIndex(size - 1, MOST_SIZE);
        require(q, qAt, rows(size, 4L * lanes, 4L * used));
        requireAligned(packed, packedAt, packedBytes(keys, size));
        requireIfAny(mask, maskAt, 4L * keys);
        require(context, contextAt, rows(size, 4L * lanes, 4L * used));
        call(attention.function(), attention.address(), q, qAt, packed, packedAt, orNull(mask), maskAt, context,
                contextAt, NULL, 0, NULL, 0, 0, lanes, used, keys, size, 0, 0, scale, factor);
    }
}
