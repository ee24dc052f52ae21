package dev.bert4j.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * A float32 matrix in NumPy's format that is written row by row. Until it is finished it lies beside its name, with a
 * mark of what it is made from in the place of its header: another run of the same goes on behind the rows that are
 * whole, and any other begins anew.
 */
final class NpyFile implements Closeable {
    /** The header has room for any number of rows, so that they never move. */
    private static final int HEADER = 128;

    private final Path target;
    private final Path part;
    private final FileChannel channel;
    private final int width;
    private long rows;

    private NpyFile(Path target, Path part, FileChannel channel, int width, long rows) {
        this.target = target;
        this.part = part;
        this.channel = channel;
        this.width = width;
        this.rows = rows;
    }

    /**
     * Begins, or goes on.
     *
     * @param input what the rows are made from: its place, size and time belong to the mark
     * @param identity how they are made
     */
    static NpyFile open(Path target, Path input, String identity, int width) throws IOException {
        CRC32 mark = new CRC32();
        mark.update(String.join("\0", input.toRealPath().toString(), String.valueOf(Files.size(input)),
                String.valueOf(Files.getLastModifiedTime(input).toMillis()), identity, String.valueOf(width))
                .getBytes(StandardCharsets.UTF_8));
        byte[] begun = String.format(Locale.ROOT, "%-" + (HEADER - 1) + "s\n", String.format("bert4j embed %08x",
                mark.getValue())).getBytes(StandardCharsets.US_ASCII);
        Path part = target.resolveSibling(target.getFileName() + ".part");
        FileChannel channel;
        try {
            channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
        } catch (FileSystemException e) {
            throw new IOException(target + " cannot be written: " + (e instanceof NoSuchFileException
                    ? "its folder is not there" : e instanceof AccessDeniedException ? "access is denied"
                            : e.getReason()) + ".", e);
        }
        try {
            // Two runs at once would write their rows over each other's.
            if (!isLocked(channel)) {
                throw new IOException(target + " is being written by another run; let it end.");
            }
            long whole = !isOf(channel, begun) ? 0 : (channel.size() - HEADER) / ((long) Float.BYTES * width);
            channel.truncate(whole == 0 ? 0 : HEADER + whole * Float.BYTES * width);
            channel.write(ByteBuffer.wrap(begun), 0);
            channel.position(HEADER + whole * Float.BYTES * width);
            return new NpyFile(target, part, channel, width, whole);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** Whether what was begun there is the same; of anything else nothing is kept. */
    private static boolean isOf(FileChannel channel, byte[] begun) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        while (header.hasRemaining() && channel.read(header, header.position()) > 0) {
            // Until it is there or the file ends.
        }
        return Arrays.equals(header.array(), begun);
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static byte[] header(long rows, int width) {
        String dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + width + "), }";
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) 1).put((byte) 0)
                .putShort((short) (HEADER - 10)).put(dict.getBytes(StandardCharsets.US_ASCII));
        while (header.position() < HEADER - 1) {
            header.put((byte) ' ');
        }
        return header.put((byte) '\n').array();
    }

    /** Rows that are written. */
    long rows() {
        return rows;
    }

    void append(float[][] vectors) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(vectors.length, Float.BYTES * width))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (float[] vector : vectors) {
            for (float value : vector) {
                bytes.putFloat(value);
            }
        }
        bytes.flip();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new IOException(part + " cannot be written: " + e.getMessage() + "; the rows that are whole stay for"
                    + " another run.", e);
        }
        rows += vectors.length;
    }

    /** Gives the matrix its name; returns its rows. */
    long finish() throws IOException {
        channel.write(ByteBuffer.wrap(header(rows, width)), 0);
        channel.force(true);
        channel.close();
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return rows;
    }

    /** What is not finished stays for the next run. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
