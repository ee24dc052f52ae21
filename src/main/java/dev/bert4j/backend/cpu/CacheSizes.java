package dev.bert4j.backend.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says of the processor's caches. */
public final class CacheSizes {
    private static final Path SECOND_LEVEL = Path.of("/sys/devices/system/cpu/cpu0/cache/index2/size");
    /** Where nothing is known, the size that is safe to assume. */
    private static final int KIBIBYTES = 512;

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
        String trimmed = size.strip();
        return trimmed.matches("[1-9][0-9]{1,5}K") ? Integer.parseInt(trimmed, 0, trimmed.length() - 1, 10) << 10
                : KIBIBYTES << 10;
    }
}
