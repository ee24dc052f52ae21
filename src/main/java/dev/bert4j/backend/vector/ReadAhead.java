package dev.bert4j.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Brings weights into the cache in the order in which they lie in memory.
 *
 * <p>A micro-kernel reads some rows side by side, each only a few kilobytes long, and the hardware has hardly
 * recognised such streams when they end: memory is read at a third of its speed. One stream over consecutive addresses
 * runs at full speed. So a kernel that uses weights once reads, beside its own rows, the memory of the next ones; and
 * weights that are used for several panels are read once before the first.
 */
final class ReadAhead {
    private static final long LINE = 64;

    private ReadAhead() {
    }

    /** What to read beside a tile of rows at {@code at}: the {@code bytes} of the next, or its own again at the end. */
    static MemorySegment rows(MemorySegment w, long at, long step, long bytes) {
        return w.asSlice(at + step + bytes <= w.byteSize() ? at + step : at, bytes);
    }

    /** Reads {@code rows} rows of {@code bytes} bytes, {@code rowStep} apart. */
    static void read(MemorySegment w, long rowStep, int rows, long bytes) {
        if (rowStep == bytes) {
            lines(w.asSlice(0, rows * bytes));
            return;
        }
        for (int row = 0; row < rows; row++) {
            lines(w.asSlice(row * rowStep, bytes));
        }
    }

    private static void lines(MemorySegment block) {
        int sum = 0;
        for (long o = 0; o < block.byteSize(); o += LINE) {
            sum += block.get(JAVA_BYTE, o);
        }
        use(sum);
    }

    /** Pretends to need what was read: the JIT drops a read whose value nobody uses. */
    static void use(int read) {
        if (read == Integer.MIN_VALUE) {
            Thread.onSpinWait();
        }
    }
}
