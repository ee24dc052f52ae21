package dev.bert4j.sentence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Finds the vectors of a corpus that are most alike to a query. Immutable and thread-safe; it keeps a copy of the
 * corpus, and for the cosine one of vectors of length 1.
 *
 * <p>Scores have the same bits on every machine: sums have sixteen chains, which the JIT makes vectors of, and are
 * added in a fixed tree.
 */
public final class SemanticSearch {
    private static final int CHAINS = 16;
    private static final Comparator<Hit> WORST_FIRST = Comparator.comparing(Hit::score)
            .thenComparing(Hit::corpusId, Comparator.reverseOrder());

    private final SimilarityFunction function;
    private final int width;
    private final int count;
    private final float[][] corpus;

    /**
     * A vector of the corpus.
     *
     * @param corpusId its number
     * @param score how alike it is to the query
     */
    public record Hit(int corpusId, float score) {
    }

    /**
     * Takes a corpus.
     *
     * @throws IllegalArgumentException if its vectors differ in length
     */
    public SemanticSearch(float[][] vectors, SimilarityFunction function) {
        this.function = function;
        count = vectors.length;
        width = count == 0 ? 0 : vectors[0].length;
        corpus = new float[count][];
        for (int i = 0; i < count; i++) {
            if (vectors[i].length != width) {
                throw new IllegalArgumentException("Vector " + i + " of the corpus has " + vectors[i].length
                        + " values, vector 0 has " + width + "; all must come from one model.");
            }
            corpus[i] = function == SimilarityFunction.COSINE ? new Normalize().apply(vectors[i]) : vectors[i].clone();
        }
    }

    /** How many vectors there are. */
    public int size() {
        return count;
    }

    /**
     * The best of the corpus for a query, the best first, of equal ones the first of the corpus; all if there are fewer
     * than {@code topK}.
     *
     * @param topK at least 1
     * @throws IllegalArgumentException if it is less, or the query is not as long as the vectors of the corpus
     */
    public List<Hit> search(float[] query, int topK) {
        if (topK < 1) {
            throw new IllegalArgumentException("topK must be at least 1, not " + topK + ".");
        }
        if (count > 0 && query.length != width) {
            throw new IllegalArgumentException("The query has " + query.length + " values, and vectors of the corpus"
                    + " have " + width + "; they must come from one model.");
        }
        float[] wanted = function == SimilarityFunction.COSINE ? new Normalize().apply(query) : query;
        PriorityQueue<Hit> best = new PriorityQueue<>(WORST_FIRST);
        for (int i = 0; i < count; i++) {
            Hit hit = new Hit(i, score(wanted, corpus[i]));
            if (best.size() < topK) {
                best.add(hit);
            } else if (WORST_FIRST.compare(hit, best.peek()) > 0) {
                best.remove();
                best.add(hit);
            }
        }
        List<Hit> hits = new ArrayList<>(best);
        hits.sort(WORST_FIRST.reversed());
        return hits;
    }

    private float score(float[] a, float[] b) {
        return switch (function) {
            case COSINE, DOT -> dot(a, b);
            case EUCLIDEAN, MANHATTAN -> function.of(a, b);
        };
    }

    private static float dot(float[] a, float[] b) {
        float[] chains = new float[CHAINS];
        int whole = a.length & -CHAINS;
        for (int i = 0; i < whole; i += CHAINS) {
            for (int lane = 0; lane < CHAINS; lane++) {
                chains[lane] = Math.fma(a[i + lane], b[i + lane], chains[lane]);
            }
        }
        for (int i = whole; i < a.length; i++) {
            chains[i - whole] = Math.fma(a[i], b[i], chains[i - whole]);
        }
        for (int half = CHAINS / 2; half > 0; half /= 2) {
            for (int lane = 0; lane < half; lane++) {
                chains[lane] += chains[lane + half];
            }
        }
        return chains[0];
    }
}
