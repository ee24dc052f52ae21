package dev.bert4j.sentence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.sentence.SemanticSearch.Hit;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Vectors are stored as sentence-transformers 6.2.0 stores them: what is expected here was computed by its
 * quantize_embeddings and what follows it in its searches, over numbers that fp32 holds exactly.
 */
class QuantizedSearchTest {
    private static final int WIDTH = 11;

    private static float[] vector(int i, int range) {
        float[] vector = new float[WIDTH];
        for (int j = 0; j < WIDTH; j++) {
            vector[j] = ((i * 7919 + j * 104729 + i * i * j * 31) % range - range / 2) / 1024f;
        }
        return vector;
    }

    private static float[][] corpus() {
        float[][] corpus = new float[120][];
        for (int i = 0; i < corpus.length; i++) {
            corpus[i] = vector(i, 8000);
            corpus[i][5] = 0.25f;
        }
        corpus[3][2] = 0;
        return corpus;
    }

    private static float[][] others() {
        return new float[][] {vector(200, 16000), vector(201, 16000), vector(202, 16000)};
    }

    private static String hash(byte[][] rows) throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        for (byte[] row : rows) {
            sha.update(row);
        }
        return HexFormat.of().formatHex(sha.digest(), 0, 8);
    }

    @Test
    void bytesAreThoseOfSentenceTransformers() throws Exception {
        String[] hashes = {"dfa7ba411ec4ab0b", "39b9609be70e53af", "c720ff321b5f10ce", "b3dadc65bab94add"};
        int[][][] rows = {
            {{127, -128, -128, -128, -128, -128, -123, -99, -79, -53, -30},
                {-10, -100, -128, 127, 127, -127, -40, -128, -128, 127, 107},
                {127, 43, -128, 127, -57, -121, 55, -128, 127, -48, -128}},
            {{255, 0, 0, 0, 0, 0, 5, 29, 49, 75, 98}, {118, 28, 0, 255, 255, 1, 88, 0, 0, 255, 235},
                {255, 171, 0, 255, 71, 7, 183, 0, 255, 80, 0}},
            {{0, -128}, {-100, -32}, {86, 0}},
            {{128, 0}, {28, 96}, {214, 128}}};
        for (EmbeddingPrecision precision : EmbeddingPrecision.values()) {
            EmbeddingQuantizer quantizer = EmbeddingQuantizer.calibrate(precision, corpus());
            assertEquals(hashes[precision.ordinal()], hash(quantizer.quantize(corpus())), precision.name());
            byte[][] bytes = quantizer.quantize(others());
            for (int i = 0; i < bytes.length; i++) {
                byte[] expected = new byte[bytes[i].length];
                for (int j = 0; j < expected.length; j++) {
                    expected[j] = (byte) rows[precision.ordinal()][i][j];
                }
                assertArrayEquals(expected, bytes[i], precision.name());
            }
        }
    }

    @Test
    void scoresAreThoseOfItsSecondLook() {
        float[] query = others()[0];
        for (EmbeddingPrecision precision : List.of(EmbeddingPrecision.INT8, EmbeddingPrecision.UINT8)) {
            List<Hit> hits = search(precision, corpus()).search(query, 4);
            assertEquals(List.of(99, 66, 4, 109), hits.stream().map(Hit::corpusId).toList());
            double[] scores = {93.06434560495472, 70.2468547341523, 69.55195833917423, 68.07643624668344};
            for (int i = 0; i < scores.length; i++) {
                assertEquals(scores[i], hits.get(i).score(), 1e-5 * scores[i]);
            }
        }
        for (EmbeddingPrecision precision : List.of(EmbeddingPrecision.BINARY, EmbeddingPrecision.UBINARY)) {
            assertEquals(List.of(new Hit(45, 0.6796875f), new Hit(53, -4.4482421875f), new Hit(62, -4.4482421875f),
                    new Hit(66, -4.4482421875f)), search(precision, corpus()).search(query, 4));
        }
    }

    private static QuantizedSearch search(EmbeddingPrecision precision, float[][] corpus) {
        EmbeddingQuantizer quantizer = EmbeddingQuantizer.calibrate(precision, corpus);
        return new QuantizedSearch(quantizer.quantize(corpus), quantizer);
    }

    /** Of vectors in clusters, as texts of some topics are, the ten best are nearly those of fp32. */
    @Test
    void findsNearlyWhatSinglePrecisionFinds() {
        Random random = new Random(3);
        Normalize unit = new Normalize();
        float[][] topics = new float[40][100];
        float[][] corpus = new float[2000][100];
        for (float[] topic : topics) {
            for (int i = 0; i < 100; i++) {
                topic[i] = (float) random.nextGaussian();
            }
        }
        for (int n = 0; n < corpus.length; n++) {
            for (int i = 0; i < 100; i++) {
                corpus[n][i] = topics[n % 40][i] + 0.7f * (float) random.nextGaussian();
            }
            corpus[n] = unit.apply(corpus[n]);
        }
        var exact = new SemanticSearch(corpus, SimilarityFunction.COSINE);
        var bytes = search(EmbeddingPrecision.INT8, corpus);
        var bits = search(EmbeddingPrecision.UBINARY, corpus);
        long byBytes = 0;
        long byBits = 0;
        for (float[] topic : topics) {
            float[] query = unit.apply(topic);
            Set<Integer> wanted = new HashSet<>(exact.search(query, 10).stream().map(Hit::corpusId).toList());
            byBytes += bytes.search(query, 10).stream().filter(hit -> wanted.contains(hit.corpusId())).count();
            byBits += bits.search(query, 10, 4).stream().filter(hit -> wanted.contains(hit.corpusId())).count();
        }
        assertTrue(byBytes >= 380, byBytes + " of 400 by bytes");
        // By chance one would find 80 of the 400: there are fifty of each topic.
        assertTrue(byBits >= 180, byBits + " of 400 by bits");
    }

    @Test
    void dequantisedValuesAreWithinAStep() {
        float[][] corpus = corpus();
        EmbeddingQuantizer quantizer = EmbeddingQuantizer.calibrate(EmbeddingPrecision.UINT8, corpus);
        float[][] ranges = quantizer.ranges();
        for (float[] vector : corpus) {
            float[] back = quantizer.dequantize(quantizer.quantize(vector));
            for (int i = 0; i < WIDTH; i++) {
                float step = (ranges[1][i] - ranges[0][i]) / 255;
                assertTrue(vector[i] - back[i] >= -1e-5 && vector[i] - back[i] <= step + 1e-5);
            }
        }
        EmbeddingQuantizer kept = EmbeddingQuantizer.ofRanges(EmbeddingPrecision.UINT8, ranges[0], ranges[1]);
        assertArrayEquals(quantizer.quantize(corpus), kept.quantize(corpus));
        assertArrayEquals(new float[] {1, 0, 1}, EmbeddingQuantizer.binary(EmbeddingPrecision.BINARY, 3)
                .dequantize(EmbeddingQuantizer.binary(EmbeddingPrecision.BINARY, 3).quantize(new float[] {2, -1, 1})));
    }

    @Test
    void everyWayToSumGivesTheSameBits() {
        Random random = new Random(5);
        Sums plain = new PlainSums();
        Sums vector = new VectorSums();
        for (int width : new int[] {0, 1, 3, 15, 16, 17, 31, 32, 33, 100, 384, 1023}) {
            float[] a = new float[width];
            float[] b = new float[width];
            byte[] bytes = new byte[width];
            random.nextBytes(bytes);
            for (int i = 0; i < width; i++) {
                a[i] = (float) random.nextGaussian();
                b[i] = (float) random.nextGaussian();
            }
            assertEquals(plain.dot(a, b), vector.dot(a, b));
            assertEquals(plain.dot(a, bytes), vector.dot(a, bytes));
            assertEquals(plain.squares(a, b), vector.squares(a, b));
            assertEquals(plain.magnitudes(a, b), vector.magnitudes(a, b));
            double exact = 0;
            for (int i = 0; i < width; i++) {
                exact += (double) a[i] * bytes[i];
            }
            assertEquals(exact, plain.dot(a, bytes), 1e-4 * (1 + width));
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        refused("Ranges cannot be taken from 1 vectors; give at least 2, better some hundreds.",
                () -> EmbeddingQuantizer.calibrate(EmbeddingPrecision.INT8, new float[1][3]));
        refused("Vector 1 holds NaN at 0; its values must be finite numbers.",
                () -> EmbeddingQuantizer.calibrate(EmbeddingPrecision.INT8, new float[][] {{1}, {Float.NaN}}));
        refused("INT8 has a byte a value and needs to know between which they lie: calibrate it with vectors, or give"
                + " the ranges.", () -> EmbeddingQuantizer.binary(EmbeddingPrecision.INT8, 3));
        refused("The least value of dimension 0, 2.0, is above the greatest, 1.0.",
                () -> EmbeddingQuantizer.ofRanges(EmbeddingPrecision.UINT8, new float[] {2}, new float[] {1}));
        EmbeddingQuantizer bits = EmbeddingQuantizer.binary(EmbeddingPrecision.BINARY, 9);
        refused("The vector has 8 values and must have 9; it must come from the same model.",
                () -> bits.quantize(new float[8]));
        refused("Vector 0 of the corpus has 9 bytes, and 9 values make 2.",
                () -> new QuantizedSearch(new byte[1][9], bits));
        refused("rescoreMultiplier must be at least 1, not 0.",
                () -> new QuantizedSearch(new byte[0][], bits).search(new float[9], 1, 0));
        refused("topK must be at least 1, not 0.",
                () -> new QuantizedSearch(new byte[1][2], bits).search(new float[9], 0));
        assertEquals(List.of(), new QuantizedSearch(new byte[0][], bits).search(new float[9], 5));
    }

    private static void refused(String message, Runnable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
