package dev.bert4j.backend.vector;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.Golden;
import dev.bert4j.backend.Activation;
import dev.bert4j.backend.Backend;
import dev.bert4j.backend.reference.ReferenceBackend;
import dev.bert4j.model.Batch;
import dev.bert4j.model.BertEmbeddings;
import dev.bert4j.model.BertEncoder;
import dev.bert4j.model.BertPooler;
import dev.bert4j.model.ModelRuntime;
import dev.bert4j.model.ParameterLoader;
import dev.bert4j.model.Trace;
import dev.bert4j.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole models give the same bits with vectors of 128, 256 and 512 bits as on the reference. */
class ModelWidthsTest {
    private static final int[][] BATCHES = {{1}, {4}, {8}, {9}, {16}, {17}, {33}, {3, 1, 20, 7, 30}};

    static Stream<Path> folders() {
        return Stream.concat(Stream.of("base", "head_dim_64", "odd_head_dim")
                .map(name -> Golden.resources().resolve("models").resolve(name)),
                Stream.of(Path.of("src/models/demo")));
    }

    @ParameterizedTest
    @MethodSource("folders")
    void everyWidth(Path folder) throws IOException {
        List<float[]> expected = run(folder, new ReferenceBackend(2));
        for (int bits : Widths.BITS) {
            for (int threads = 1; threads <= 2; threads++) {
                List<float[]> actual = run(folder, new VectorBackend(threads, bits));
                for (int i = 0; i < expected.size(); i++) {
                    Widths.assertSameBits(expected.get(i), actual.get(i),
                            folder.getFileName() + ", " + bits + " bits, " + threads + " threads, result " + i);
                }
            }
        }
    }

    /** For each batch the last hidden states and the pooled ones. */
    private static List<float[]> run(Path folder, Backend backend) throws IOException {
        BertConfig config = BertConfig.fromPretrained(folder);
        Checkpoint checkpoint = Checkpoint.open(folder);
        try (ModelRuntime runtime = new ModelRuntime(backend, checkpoint)) {
            ParameterLoader loader = new ParameterLoader(backend, checkpoint, "BertModel", false, 3L, 0.02);
            var embeddings = new BertEmbeddings(runtime, config, loader.root().at("embeddings"));
            var encoder = new BertEncoder(runtime, config, loader.root().at("encoder"));
            var pooler = new BertPooler(runtime, config, loader.root().at("pooler"));
            loader.finish(List.of());
            Random random = new Random(4);
            List<float[]> results = new ArrayList<>();
            for (int[] lengths : BATCHES) {
                List<BertInput> inputs = new ArrayList<>();
                for (int length : lengths) {
                    inputs.add(BertInput.of(random.ints(length, 0, config.vocabSize()).toArray()));
                }
                Batch batch = Batch.of(config, inputs);
                runtime.call(batch.tokens(), session -> {
                    try (Activation x = embeddings.forward(session, batch.embeddingInput(0));
                            Activation y = encoder.forward(session, x, batch.attention(), null,
                                    new Trace(false, false), null);
                            Activation pooled = pooler.forward(session, y, batch.firstTokens())) {
                        results.add(session.download(y));
                        return results.add(session.download(pooled));
                    }
                });
            }
            return results;
        }
    }
}
