package dev.bert4j.sentence;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the vectors of a corpus that are most alike to a query. Immutable and thread-safe; it keeps a copy of the
 * corpus, and for the cosine one of vectors of length 1.
 *
 * <p>Scores have the same bits on every machine.
 */
public final class SemanticSearch {
    private final Sums sums = Sums.best();
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
     * @throws IllegalArgumentException if its vectors differ in length or hold what is not a finite number
     */
    public SemanticSearch(float[][] vectors, SimilarityFunction function) {
        this.function = function;
        count = vectors.length;
        width = count == 0 ? 0 : vectors[0].length;
        corpus = new float[count][];
        Vectors.check(vectors);
        for (int i = 0; i < count; i++) {
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
     * @throws IllegalArgumentException if it is less, or the query is not as long as the vectors of the corpus, or has
     *     a value that is not a finite number
     */
    public List<Hit> search(float[] query, int topK) {
        return search(new float[][] {query}, topK).getFirst();
    }

    /** The same for each of several queries, reading the corpus once. */
    public List<List<Hit>> search(float[][] queries, int topK) {
        float[][] wanted = new float[queries.length][];
        List<TopK> best = new ArrayList<>();
        for (int q = 0; q < queries.length; q++) {
            Vectors.check(queries[q], count == 0 ? queries[q].length : width, "Query " + q);
            wanted[q] = function == SimilarityFunction.COSINE ? new Normalize().apply(queries[q]) : queries[q];
            best.add(new TopK(topK));
        }
        for (int i = 0; i < count; i++) {
            for (int q = 0; q < queries.length; q++) {
                best.get(q).show(i, score(wanted[q], corpus[i]));
            }
        }
        return best.stream().map(TopK::hits).toList();
    }

    private float score(float[] a, float[] b) {
        return switch (function) {
            case COSINE, DOT -> sums.dot(a, b);
            case EUCLIDEAN -> (float) -Math.sqrt(sums.squares(a, b));
            case MANHATTAN -> -sums.magnitudes(a, b);
        };
    }
}
