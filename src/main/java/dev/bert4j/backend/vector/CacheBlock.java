package dev.bert4j.backend.vector;

import dev.bert4j.backend.cpu.CacheSizes;

/**
 * How many bytes of weights are multiplied with all panels before the next: they stay in the second-level cache. A
 * panel of a wide layer, 3072 values of 32 tokens, is 384 KiB: it comes from the third-level cache for each block anew,
 * which is seldom enough only where blocks are large.
 */
final class CacheBlock {
    private static final int LEAST = 264 << 10;

    /** The bytes: half of that cache. */
    static final int BYTES = Math.max(CacheSizes.secondLevel() / 2, LEAST);

    private CacheBlock() {
    }
}
