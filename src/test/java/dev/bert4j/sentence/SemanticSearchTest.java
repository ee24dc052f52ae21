package dev.bert4j.sentence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bert4j.sentence.SemanticSearch.Hit;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The best of a corpus are those that comparing with each of them finds. */
class SemanticSearchTest {
    @Test
    void findsWhatComparingWithAllFinds() {
        Random random = new Random(8);
        for (SimilarityFunction function : SimilarityFunction.values()) {
            for (int width : new int[] {1, 15, 16, 17, 384}) {
                float[][] corpus = vectors(random, 100, width);
                float[] query = vectors(random, 1, width)[0];
                var search = new SemanticSearch(corpus, function);
                double[] scores = IntStream.range(0, 100).mapToDouble(i -> function.of(query, corpus[i])).toArray();
                List<Hit> hits = search.search(query, 7);
                assertEquals(7, hits.size());
                List<Integer> best = IntStream.range(0, 100).boxed()
                        .sorted(Comparator.comparing((Integer i) -> -scores[i])).limit(7).toList();
                for (int i = 0; i < 7; i++) {
                    // Neighbours may change places where their scores are equal but for rounding.
                    assertEquals(scores[best.get(i)], hits.get(i).score(), 1e-5 * (1 + Math.abs(scores[best.get(i)])));
                    assertEquals(scores[hits.get(i).corpusId()], hits.get(i).score(),
                            1e-5 * (1 + Math.abs(hits.get(i).score())));
                }
                assertEquals(100, search.search(query, 1000).size());
                assertEquals(List.of(hits, search.search(corpus[3], 7)),
                        search.search(new float[][] {query, corpus[3]}, 7));
            }
        }
    }

    private static float[][] vectors(Random random, int count, int width) {
        float[][] vectors = new float[count][width];
        for (float[] vector : vectors) {
            for (int i = 0; i < width; i++) {
                vector[i] = (float) random.nextGaussian();
            }
        }
        return vectors;
    }

    @Test
    void equalOnesComeInTheOrderOfTheCorpus() {
        float[][] corpus = {{1, 0}, {0, 1}, {2, 0}, {0, 0}, {1, 0}};
        var search = new SemanticSearch(corpus, SimilarityFunction.COSINE);
        assertEquals(List.of(new Hit(0, 1), new Hit(2, 1), new Hit(4, 1)), search.search(new float[] {3, 0}, 3));
        assertEquals(List.of(new Hit(0, 1), new Hit(2, 1)), search.search(new float[] {3, 0}, 2));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        var search = new SemanticSearch(new float[][] {{1, 0}}, SimilarityFunction.DOT);
        assertEquals("topK must be at least 1, not 0.", assertThrows(IllegalArgumentException.class,
                () -> search.search(new float[2], 0)).getMessage());
        assertEquals("Query 0 has 3 values and must have 2; it must come from the same model.",
                assertThrows(IllegalArgumentException.class, () -> search.search(new float[3], 1)).getMessage());
        assertEquals("Vector 1 has 1 values, vector 0 has 2; all must come from one model.",
                assertThrows(IllegalArgumentException.class, () -> new SemanticSearch(new float[][] {{1, 0}, {1}},
                        SimilarityFunction.DOT)).getMessage());
        assertEquals("Query 0 holds NaN at 1; its values must be finite numbers.", assertThrows(
                IllegalArgumentException.class, () -> search.search(new float[] {0, Float.NaN}, 1)).getMessage());
        assertEquals(List.of(), new SemanticSearch(new float[0][], SimilarityFunction.DOT).search(new float[3], 1));
    }
}
