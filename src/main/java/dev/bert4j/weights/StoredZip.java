package dev.bert4j.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A zip file whose entries are stored as they are, so that each is a slice of the mapped file. Entries may be beyond
 * 4 GiB (zip64). What the directory at the end says is believed only where it agrees with the file's size; checksums
 * are not computed, for that would read all weights.
 */
final class StoredZip {
    private static final byte[] BEGINNING = {'P', 'K', 3, 4};
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END64 = 0x06064b50;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR64_BYTES = 20;
    private static final int MOST_COMMENT = 0xffff;
    /** The extra field with the numbers that 32 bits do not hold. */
    private static final int EXTRA64 = 1;
    private static final long IN_EXTRA = 0xffffffffL;
    /** Some fifty thousand entries; more are an attack on memory. */
    private static final long MOST_DIRECTORY = 4 << 20;

    private final Path file;
    private final MemorySegment bytes;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** What the directory says of an entry: how it is stored, its size there, and where its own header begins. */
    private record Entry(int flags, int method, long size, long header) {
    }

    /**
     * Reads the directory.
     *
     * @param file the file's name, for errors
     * @param bytes the whole file
     */
    StoredZip(Path file, MemorySegment bytes) throws CheckpointException {
        this.file = file;
        this.bytes = bytes;
        ByteBuffer directory = directory();
        while (directory.hasRemaining()) {
            read(directory);
        }
    }

    /** Whether a file begins as zip files do. */
    static boolean begins(MemorySegment bytes) {
        return CheckpointFiles.begins(bytes, BEGINNING);
    }

    /** The names of the entries in the order of the directory. */
    Iterable<String> names() {
        return entries.keySet();
    }

    /** The bytes of an entry where they lie, or null if there is none of that name. */
    MemorySegment get(String name) throws CheckpointException {
        Entry entry = entries.get(name);
        if (entry == null) {
            return null;
        }
        if (entry.method != 0 || (entry.flags & 1) != 0) {
            throw new CheckpointException(file, "its entry " + TorchObjects.shortened(name) + " is "
                    + (entry.method != 0 ? "compressed" : "encrypted")
                    + " and cannot be used in place; torch.save stores entries as they are, and so must this file");
        }
        ByteBuffer header = slice(entry.header, LOCAL_BYTES);
        if (header == null || header.getInt(0) != LOCAL) {
            throw damaged("the entry " + TorchObjects.shortened(name) + " does not begin at byte " + entry.header
                    + " where its directory says");
        }
        long begin = entry.header + LOCAL_BYTES + unsigned(header.getShort(26)) + unsigned(header.getShort(28));
        if (entry.size > bytes.byteSize() - begin) {
            throw damaged("the " + entry.size + " bytes of the entry " + TorchObjects.shortened(name)
                    + " run beyond the end of the file");
        }
        return bytes.asSlice(begin, entry.size);
    }

    /** The directory, which stands before the end record; a zip64 end record before that one, if there is one. */
    private ByteBuffer directory() throws CheckpointException {
        long size = bytes.byteSize();
        long tailAt = Math.max(0, size - END_BYTES - MOST_COMMENT);
        ByteBuffer tail = slice(tailAt, size - tailAt);
        int end = tail.capacity() - END_BYTES;
        while (end >= 0 && !(tail.getInt(end) == END
                && unsigned(tail.getShort(end + 20)) == tail.capacity() - END_BYTES - end)) {
            end--;
        }
        if (end < 0) {
            throw damaged("the directory that a zip file ends with is missing");
        }
        long length = tail.getInt(end + 12) & IN_EXTRA;
        long begin = tail.getInt(end + 16) & IN_EXTRA;
        ByteBuffer locator = slice(tailAt + end - LOCATOR64_BYTES, LOCATOR64_BYTES);
        if (locator != null && locator.getInt(0) == LOCATOR64) {
            ByteBuffer end64 = slice(locator.getLong(8), END64_BYTES);
            if (end64 == null || end64.getInt(0) != END64) {
                throw damaged("its zip64 record is not where the end of the file says");
            }
            length = end64.getLong(40);
            begin = end64.getLong(48);
        }
        if (length > MOST_DIRECTORY) {
            throw damaged("its directory would have " + length + " bytes, over the " + MOST_DIRECTORY + " allowed");
        }
        ByteBuffer directory = slice(begin, length);
        if (directory == null) {
            throw damaged("its directory would be " + length + " bytes from byte " + begin + ", beyond the end");
        }
        return directory;
    }

    private void read(ByteBuffer directory) throws CheckpointException {
        int at = directory.position();
        if (directory.remaining() < CENTRAL_BYTES || directory.getInt(at) != CENTRAL) {
            throw damaged("its directory has no entry at byte " + at + " of it");
        }
        int nameLength = unsigned(directory.getShort(at + 28));
        int extraLength = unsigned(directory.getShort(at + 30));
        int length = CENTRAL_BYTES + nameLength + extraLength + unsigned(directory.getShort(at + 32));
        if (length > directory.remaining()) {
            throw damaged("the entry at byte " + at + " of its directory runs beyond its end");
        }
        byte[] name = new byte[nameLength];
        directory.get(at + CENTRAL_BYTES, name);
        String text = new String(name, StandardCharsets.UTF_8);
        ByteBuffer extra = extra64(directory, at + CENTRAL_BYTES + nameLength, extraLength);
        long whole = number(directory.getInt(at + 24), extra);
        long stored = number(directory.getInt(at + 20), extra);
        long header = number(directory.getInt(at + 42), extra);
        int method = unsigned(directory.getShort(at + 10));
        if (whole < 0 || stored < 0 || header < 0 || method == 0 && whole != stored) {
            throw damaged("the sizes of the entry " + TorchObjects.shortened(text) + " are not possible");
        }
        Entry entry = new Entry(unsigned(directory.getShort(at + 8)), method, stored, header);
        if (entries.put(text, entry) != null) {
            throw damaged("there are two entries " + TorchObjects.shortened(text));
        }
        directory.position(at + length);
    }

    /** The numbers that do not fit their fields of 32 bits, in their order; empty if there are none. */
    private static ByteBuffer extra64(ByteBuffer directory, int at, int length) {
        int end = at + length;
        for (int field = at; field + 4 <= end; field += 4 + unsigned(directory.getShort(field + 2))) {
            int size = unsigned(directory.getShort(field + 2));
            if (unsigned(directory.getShort(field)) == EXTRA64 && field + 4 + size <= end) {
                return directory.slice(field + 4, size).order(ByteOrder.LITTLE_ENDIAN);
            }
        }
        return ByteBuffer.allocate(0);
    }

    private static long number(int field, ByteBuffer extra) {
        if ((field & IN_EXTRA) != IN_EXTRA) {
            return field & IN_EXTRA;
        }
        return extra.remaining() >= Long.BYTES ? extra.getLong() : -1;
    }

    /** A copy of a part of the file, or null if it has no such part. */
    private ByteBuffer slice(long at, long length) {
        if (at < 0 || length < 0 || at > bytes.byteSize() || length > bytes.byteSize() - at) {
            return null;
        }
        return ByteBuffer.wrap(bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int unsigned(short field) {
        return Short.toUnsignedInt(field);
    }

    private CheckpointException damaged(String fault) {
        return new CheckpointException(file, fault + "; the file is damaged or was cut off");
    }
}
