package dev.bert4j.backend.vector;

import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.nativecpu.NativeKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** The memory of a session: activations that come and go, and scratch for each worker. */
final class Workspace {
    /** The most values of an activation; sums of offsets behind it still fit an int. */
    private static final int MOST = Integer.MAX_VALUE - (1 << 16);
    private static final int LEAST = 16;
    /** Some rows of weights in two bytes each: a few long copies read memory faster than many short ones. */
    static final int STAGING = 32 << 10;

    private final List<Panels> free = new ArrayList<>();
    private final ToIntFunction<Floats> lineStart;
    private final Floats[] scratch;
    private final byte[][] staging;

    /** {@code lineStart} says which of the first values of an array begins a line of the cache. */
    Workspace(int workers, ToIntFunction<Floats> lineStart) {
        this.lineStart = lineStart;
        scratch = new Floats[workers];
        staging = new byte[workers][];
    }

    /**
     * An activation of that shape, holding anything: the smallest free one that is large enough. Where none is, a new
     * one takes the place of the largest, so that there are never more than were in use at one time.
     *
     * @throws IllegalArgumentException if no array holds so many values
     */
    Panels take(int tokens, int features, int lanes) {
        long values = (long) Math.ceilDiv(tokens, lanes) * lanes * features;
        if (values > MOST) {
            throw new IllegalArgumentException(tokens + " tokens of " + features + " values each are more than the "
                    + MOST + " values that one call can hold; give fewer texts at a time.");
        }
        int best = -1;
        int largest = -1;
        for (int i = 0; i < free.size(); i++) {
            int capacity = free.get(i).capacity();
            if (capacity >= values && (best < 0 || capacity < free.get(best).capacity())) {
                best = i;
            }
            if (largest < 0 || capacity > free.get(largest).capacity()) {
                largest = i;
            }
        }
        if (best >= 0) {
            return reshape(free.remove(best), tokens, features, lanes);
        }
        if (largest >= 0) {
            free.remove(largest);
        }
        return reshape(new Panels(this, roundUp((int) values)), tokens, features, lanes);
    }

    /** Asked each time, for the garbage collector moves arrays. */
    private Panels reshape(Panels panels, int tokens, int features, int lanes) {
        return panels.reshape(lineStart.applyAsInt(panels.floats()), tokens, features, lanes);
    }

    /** Takes an activation back. */
    void give(Panels panels) {
        free.add(panels);
    }

    /**
     * The memory, or more of it, which begins where a line of the cache does: tiles are loaded faster from there. Half
     * as much again at the least, for only the garbage collector gives back what was outgrown.
     */
    static MemorySegment aligned(MemorySegment memory, long bytes) {
        return memory.byteSize() >= bytes ? memory
                : Arena.ofAuto().allocate(Math.max(bytes, memory.byteSize() * 3 / 2), NativeKernels.ALIGNMENT);
    }

    /** Room of a worker for bytes of weights before they are widened. */
    byte[] staging(int worker) {
        if (staging[worker] == null) {
            staging[worker] = new byte[STAGING];
        }
        return staging[worker];
    }

    /** Scratch of a worker, of at least that many values. */
    Floats scratch(int worker, int values) {
        if (scratch[worker] == null || scratch[worker].length() < values) {
            scratch[worker] = new Floats(roundUp(values));
        }
        return scratch[worker];
    }

    /** An eighth more at most, so that calls that grow little by little do not leave a trail of outgrown arrays. */
    private static int roundUp(int values) {
        int step = Math.max(Integer.highestOneBit(Math.max(values, 1)) >> 3, LEAST);
        return (int) Math.min((values + (long) step - 1) / step * step, MOST);
    }
}
