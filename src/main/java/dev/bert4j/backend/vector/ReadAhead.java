package dev.bert4j.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Brings a block of weights into the cache in the order in which it lies in memory.
 *
 * <p>A micro-kernel reads some rows side by side, each only a few kilobytes long, and the hardware has hardly
 * recognised such streams when they end: memory is read at a third of its speed. One stream over consecutive addresses
 * runs at full speed, so that it pays to read a byte of every line of the block once beforehand.
 */
final class ReadAhead {
    private static final long LINE = 64;

    private ReadAhead() {
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
        // The JIT drops a read whose value nobody uses.
        if (sum == Integer.MIN_VALUE) {
            Thread.onSpinWait();
        }
    }
}
