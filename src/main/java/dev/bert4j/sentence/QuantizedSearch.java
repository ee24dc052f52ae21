package dev.bert4j.sentence;

import dev.bert4j.sentence.SemanticSearch.Hit;
import java.util.List;

/**
 * {@link SemanticSearch} over vectors that an {@link EmbeddingQuantizer} stored in few bytes. Immutable and
 * thread-safe; it keeps a copy of the corpus.
 *
 * <p>The query stays as it is. Of bytes, the score is the dot product of the query and the
 * {@linkplain EmbeddingQuantizer#dequantize dequantised} vector, in one pass. Of bits, the corpus is first searched for
 * vectors whose signs differ least from the query's, some times as many as wanted; those are ordered by the dot product
 * of the query and their bits. Where the model's similarity is the cosine, give both sides the length 1 before.
 */
public final class QuantizedSearch {
    /** How many times as many as wanted are looked at twice, as in sentence-transformers. */
    private static final int RESCORE_MULTIPLIER = 2;

    private final Sums sums = Sums.best();
    private final EmbeddingQuantizer quantizer;
    private final int count;
    /** Bytes of each vector as {@link EmbeddingPrecision#INT8} has them; null for bits. */
    private final byte[][] corpus;
    /** Words of a vector of bits. */
    private final int words;
    /** Bits as {@link EmbeddingPrecision#UBINARY} has them, eight bytes a word, the first lowest. */
    private final long[] bits;

    /**
     * Takes a corpus.
     *
     * @throws IllegalArgumentException if a vector has not as many bytes as the quantizer makes
     */
    public QuantizedSearch(byte[][] vectors, EmbeddingQuantizer quantizer) {
        this.quantizer = quantizer;
        boolean binary = quantizer.precision().isBinary();
        count = vectors.length;
        corpus = binary ? null : new byte[count][];
        words = binary ? Math.ceilDiv(quantizer.dimension(), Long.SIZE) : 0;
        bits = new long[Math.multiplyExact(words, count)];
        for (int i = 0; i < count; i++) {
            quantizer.check(vectors[i], "Vector " + i + " of the corpus");
            if (binary) {
                pack(vectors[i], bits, i * words);
            } else {
                corpus[i] = vectors[i].clone();
                for (int b = 0; b < corpus[i].length; b++) {
                    corpus[i][b] = quantizer.signed(corpus[i][b]);
                }
            }
        }
    }

    private void pack(byte[] bytes, long[] to, int at) {
        for (int b = 0; b < bytes.length; b++) {
            to[at + b / Long.BYTES] |= (long) quantizer.bits(bytes[b]) << Byte.SIZE * (b % Long.BYTES);
        }
    }

    /** How many vectors there are. */
    public int size() {
        return count;
    }

    /** As {@link #search(float[], int, int)}, where bits are concerned looking at twice as many as wanted. */
    public List<Hit> search(float[] query, int topK) {
        return search(query, topK, RESCORE_MULTIPLIER);
    }

    /**
     * The best of the corpus for a query, the best first, of equal ones the first of the corpus; all if there are fewer
     * than {@code topK}.
     *
     * @param query finite values
     * @param topK at least 1
     * @param rescoreMultiplier how many times as many are taken by their bits and ordered by the query, at least 1; of
     *     no meaning for bytes
     * @throws IllegalArgumentException if one of them is not so
     */
    public List<Hit> search(float[] query, int topK, int rescoreMultiplier) {
        Vectors.check(query, quantizer.dimension(), "The query");
        if (rescoreMultiplier < 1) {
            throw new IllegalArgumentException("rescoreMultiplier must be at least 1, not " + rescoreMultiplier + ".");
        }
        TopK best = new TopK(topK);
        if (quantizer.precision().isBinary()) {
            TopK nearest = new TopK((int) Math.min((long) topK * rescoreMultiplier, Math.max(1, count)));
            nearestBits(query, nearest);
            nearest.hits().stream().mapToInt(Hit::corpusId).sorted()
                    .forEach(i -> best.show(i, byBits(query, i)));
        } else {
            byBytes(query, best);
        }
        return best.hits();
    }

    private void nearestBits(float[] query, TopK nearest) {
        long[] wanted = new long[words];
        pack(quantizer.quantize(query), wanted, 0);
        for (int i = 0; i < count; i++) {
            int different = 0;
            for (int w = 0; w < words; w++) {
                different += Long.bitCount(wanted[w] ^ bits[i * words + w]);
            }
            nearest.show(i, -different);
        }
    }

    private float byBits(float[] query, int vector) {
        double sum = 0;
        for (int i = 0; i < query.length; i++) {
            int bit = i / Byte.SIZE * Byte.SIZE + 7 - i % Byte.SIZE;
            sum += (bits[vector * words + bit / Long.SIZE] >> bit & 1) * query[i];
        }
        return (float) sum;
    }

    /** {@code Σ q · (start + (b + 128) · step)}, of which only {@code Σ (q · step) · b} depends on the vector. */
    private void byBytes(float[] query, TopK best) {
        float[] scaled = new float[query.length];
        double constant = 0;
        for (int i = 0; i < query.length; i++) {
            scaled[i] = query[i] * quantizer.step(i);
            constant += query[i] * ((double) quantizer.start(i) + 128.0 * quantizer.step(i));
        }
        for (int i = 0; i < count; i++) {
            best.show(i, (float) (constant + sums.dot(scaled, corpus[i])));
        }
    }
}
