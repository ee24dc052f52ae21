package dev.bert4j.sentence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bert4j.LoadOptions;
import dev.bert4j.json.Json;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The real all-MiniLM-L6-v2, in the folder that {@code -Dminilm} names, gives the vectors of sentence-transformers.
 *
 * <p>The resources hold 200 texts (sentences, other scripts, emoji, nothing, code, up to a thousand words) and what
 * sentence-transformers 6.2.0 on PyTorch 2.15 makes of each alone. Vectors have the length 1; alone and in batches, the
 * reference itself differs by 3e-7.
 */
class MiniLmTest {
    private static final int TEXTS = 200;
    private static final int WIDTH = 384;
    private static final int NPY_HEADER = 128;
    private static final double TOLERANCE = 1e-5;

    private static byte[] resource(String name) throws Exception {
        try (InputStream in = MiniLmTest.class.getResourceAsStream("/minilm/" + name)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void givesTheVectorsOfSentenceTransformers(String backend) throws Exception {
        String folder = System.getProperty("minilm", "");
        assumeTrue(!folder.isEmpty(), "-Dminilm=DIR does not name a folder of all-MiniLM-L6-v2");
        List<String> texts = new ArrayList<>();
        for (String line : new String(resource("texts.jsonl"), StandardCharsets.UTF_8).split("\n")) {
            texts.add((String) Json.parse(line, "texts.jsonl"));
        }
        assertEquals(TEXTS, texts.size());
        ByteBuffer expected = ByteBuffer.wrap(resource("embeddings.npy")).order(ByteOrder.LITTLE_ENDIAN);
        double worst = 0;
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(Path.of(folder),
                LoadOptions.defaults().withBackend(backend))) {
            float[][] vectors = encoder.encode(texts);
            for (int i = 0; i < TEXTS; i++) {
                assertEquals(WIDTH, vectors[i].length);
                for (int k = 0; k < WIDTH; k++) {
                    double difference = Math.abs(vectors[i][k]
                            - expected.getFloat(NPY_HEADER + Float.BYTES * (i * WIDTH + k)));
                    assertTrue(difference <= TOLERANCE, "text " + i + ", value " + k + ": " + difference);
                    worst = Math.max(worst, difference);
                }
            }
        }
        System.out.printf("MiniLM: %d texts on %s, largest deviation %.2e%n", TEXTS, backend, worst);
    }
}
