package dev.bert4j.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class CacheSizesTest {
    @Test
    void sizesAreThoseThatLinuxWrites() {
        assertEquals(2 << 20, CacheSizes.bytes("2048K\n"));
        assertEquals(256 << 10, CacheSizes.bytes("256K"));
    }

    @Test
    void whatIsNotUnderstoodIsUnknown() {
        for (String size : List.of("", "\n", "0K", "-1K", "2M", "K", "9999999K", "1 024K")) {
            assertEquals(512 << 10, CacheSizes.bytes(size), size);
        }
        assertTrue(CacheSizes.secondLevel() >= 16 << 10);
    }
}
