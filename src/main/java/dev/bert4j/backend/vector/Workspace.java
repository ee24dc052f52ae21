package dev.bert4j.backend.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of a session, kept for the next: buffers that come and go with the activations, and scratch for each
 * worker. It is freed when the workspace is no longer reachable; an arena that is closed would stop every thread of the
 * JVM for a moment.
 */
final class Workspace {
    /** Alignment of a buffer: the widest vector, which is also a cache line. */
    private static final int ALIGNMENT = 64;

    private final List<MemorySegment> free = new ArrayList<>();
    private final MemorySegment[] scratch;

    Workspace(int workers) {
        scratch = new MemorySegment[workers];
    }

    /**
     * A buffer of at least that many bytes, holding anything: the smallest free one that is large enough. Where none
     * is, a new one takes the place of the largest, so that there are never more than were in use at one time.
     */
    MemorySegment take(long bytes) {
        int best = -1;
        int largest = -1;
        for (int i = 0; i < free.size(); i++) {
            long size = free.get(i).byteSize();
            if (size >= bytes && (best < 0 || size < free.get(best).byteSize())) {
                best = i;
            }
            if (largest < 0 || size > free.get(largest).byteSize()) {
                largest = i;
            }
        }
        if (best >= 0) {
            return free.remove(best);
        }
        if (largest >= 0) {
            free.remove(largest);
        }
        return allocate(bytes);
    }

    /** Takes a buffer back. */
    void give(MemorySegment buffer) {
        free.add(buffer);
    }

    /** Scratch of a worker, of at least that many bytes. */
    MemorySegment scratch(int worker, long bytes) {
        if (scratch[worker] == null || scratch[worker].byteSize() < bytes) {
            scratch[worker] = allocate(bytes);
        }
        return scratch[worker];
    }

    /** Powers of two, so that calls that grow little by little do not leave a trail of outgrown buffers. */
    private static MemorySegment allocate(long bytes) {
        long size = Math.max(Long.highestOneBit(Math.max(bytes - 1, 1)) << 1, ALIGNMENT);
        return Arena.ofAuto().allocate(size, ALIGNMENT);
    }
}
