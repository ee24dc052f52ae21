package dev.bert4j.backend.vector;

import dev.bert4j.backend.cpu.CacheSizes;

/**
 * How many bytes of weights are multiplied with all panels before the next: they stay in the second-level cache. A
 * panel of a wide layer, 3072 values of 32 tokens, is 384 KiB: it comes from the third-level cache for each block anew,
 * which is seldom enough only where blocks are large. Of a cache below a mebibyte half would leave no room for more.
 */
final class CacheBlock {
    private static final int LARGE_CACHE = 1 << 20;
    private static final int SMALL = 264 << 10;

    /** The bytes. */
    static final int BYTES = of(CacheSizes.secondLevel());

    private CacheBlock() {
    }

    static int of(int cache) {
        return cache >= LARGE_CACHE ? cache / 2 : SMALL;
    }
}
