package dev.bert4j.backend.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says of the processor's caches. */
public final class CacheSizes {
    private static final Path SECOND_LEVEL = Path.of("/sys/devices/system/cpu/cpu0/cache/index2/size");
    /** Where nothing is known, the size that is safe to assume. */
    private static final int KIBIBYTES = 512;
    private static final int DIGITS = 6;

    private CacheSizes() {
    }

    /** Bytes of a core's second-level cache, or half a mebibyte where the system does not say. */
    public static int secondLevel() {
        try {
            return Files.exists(SECOND_LEVEL) ? bytes(Files.readString(SECOND_LEVEL)) : KIBIBYTES << 10;
        } catch (IOException e) {
            return KIBIBYTES << 10;
        }
    }

    /** As Linux writes it, {@code 2048K}; what is something else counts as unknown. */
    static int bytes(String size) {
        int end = size.indexOf('K');
        int kibibytes = 0;
        // By hand, for a JVM that has just begun takes milliseconds to learn regular expressions.
        for (int i = 0; i < end; i++) {
            int digit = size.charAt(i) - '0';
            if (digit < 0 || digit > 9 || i == DIGITS) {
                return KIBIBYTES << 10;
            }
            kibibytes = 10 * kibibytes + digit;
        }
        return (kibibytes > 0 ? kibibytes : KIBIBYTES) << 10;
    }
}
