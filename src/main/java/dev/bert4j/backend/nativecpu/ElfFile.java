package dev.bert4j.backend.nativecpu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Libraries of Linux: the loader maps what their headers name, and dies of a file that was cut off before its end. */
final class ElfFile {
    private static final int MAGIC = 0x464C457F;
    private static final int HEADER = 64;
    /** Of the header: where the table of segments is, the size of an entry, and their number. */
    private static final int TABLE = 0x20;
    private static final int ENTRY_SIZE = 0x36;
    private static final int ENTRIES = 0x38;
    /** Of an entry: the kind of the segment, where it begins, and its size. */
    private static final int KIND = 0x00;
    private static final int OFFSET = 0x08;
    private static final int SIZE = 0x20;
    /** The kind of what the loader reads first; it lies near the end, and never begins with zeros. */
    private static final int DYNAMIC = 2;
    private static final int LEAST_ENTRY = 0x38;

    private ElfFile() {
    }

    /** Whether a file is one of them. */
    static boolean isOne(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer header = read(channel, 0, Integer.BYTES);
            return header.limit() == Integer.BYTES && header.getInt(0) == MAGIC;
        }
    }

    /**
     * Whether a file, if it is one of them, holds all segments that it names, and not zeros in their place, as where a
     * copy was interrupted whose room had been made before.
     */
    static boolean isWhole(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer header = read(channel, 0, HEADER);
            if (header.limit() < Integer.BYTES || header.getInt(0) != MAGIC) {
                return true;
            }
            if (header.limit() < HEADER || header.getShort(ENTRY_SIZE) < LEAST_ENTRY) {
                return false;
            }
            for (int i = 0; i < header.getShort(ENTRIES); i++) {
                ByteBuffer entry = read(channel, header.getLong(TABLE) + (long) i * header.getShort(ENTRY_SIZE),
                        LEAST_ENTRY);
                if (entry.limit() < LEAST_ENTRY || entry.getLong(OFFSET) + entry.getLong(SIZE) > channel.size()
                        || entry.getInt(KIND) == DYNAMIC && beginsWithZeros(channel, entry.getLong(OFFSET))) {
                    return false;
                }
            }
            return true;
        }
    }

    private static boolean beginsWithZeros(FileChannel channel, long at) throws IOException {
        ByteBuffer first = read(channel, at, Long.BYTES);
        return first.limit() < Long.BYTES || first.getLong(0) == 0;
    }

    private static ByteBuffer read(FileChannel channel, long from, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (from >= 0 && bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) > 0) {
            continue;
        }
        return bytes.flip();
    }
}
