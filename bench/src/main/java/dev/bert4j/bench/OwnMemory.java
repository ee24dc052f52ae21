package dev.bert4j.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.RandomAccessFile;

/**
 * What this process holds for itself, of /proc/self/status, read over and over without making an object: the garbage of
 * who watches would be taken for that of who is watched.
 */
final class OwnMemory implements AutoCloseable {
    private static final byte[][] NAMES = {"\nRssAnon:".getBytes(US_ASCII),
            "\nRssShmem:".getBytes(US_ASCII)};
    private static final double KIBIBYTES = 1024;

    private final RandomAccessFile status;
    private final byte[] text = new byte[8 << 10];

    /** Fails where there is no such file. */
    OwnMemory() throws IOException {
        status = new RandomAccessFile("/proc/self/status", "r");
    }

    /** That of this moment. */
    double mebibytes() throws IOException {
        status.seek(0);
        int length = 0;
        for (int count = 0; count >= 0 && length < text.length; length += Math.max(count, 0)) {
            count = status.read(text, length, text.length - length);
        }
        long sum = 0;
        for (byte[] name : NAMES) {
            sum += number(name, length);
        }
        return sum / KIBIBYTES;
    }

    /** The number behind a name; 0 if it is not there. */
    private long number(byte[] name, int length) {
        for (int at = 0; at + name.length < length; at++) {
            int same = 0;
            while (same < name.length && text[at + same] == name[same]) {
                same++;
            }
            if (same == name.length) {
                long number = 0;
                for (int i = at + same; i < length && text[i] != '\n'; i++) {
                    number = text[i] >= '0' && text[i] <= '9' ? 10 * number + text[i] - '0' : number;
                }
                return number;
            }
        }
        return 0;
    }

    @Override
    public void close() throws IOException {
        status.close();
    }
}
