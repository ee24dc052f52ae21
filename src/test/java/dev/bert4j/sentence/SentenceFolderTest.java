package dev.bert4j.sentence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import dev.bert4j.weights.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that is not whole, or says what is not supported, gives no vectors rather than others. */
class SentenceFolderTest {
    @TempDir
    private Path folder;

    private Path copy(String name) throws IOException {
        Path source = Golden.resources().resolve("sentence").resolve(name);
        Path target = folder.resolve(name);
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(source.relativize(file)));
            }
        }
        return target;
    }

    private static void replace(Path file, String from, String to) throws IOException {
        String text = Files.readString(file);
        assertTrue(text.contains(from), text);
        Files.writeString(file, text.replace(from, to));
    }

    private static String refused(Path folder) {
        return assertThrows(CheckpointException.class, () -> SentenceEncoder.fromPretrained(folder)).getMessage();
    }

    @Test
    void aModuleWhoseFileIsMissingIsNotLeftOut() throws Exception {
        Path model = copy("pool_cls_token");
        Files.delete(model.resolve("1_Pooling").resolve("config.json"));
        assertTrue(refused(model).endsWith("config.json: is missing, and modules.json of " + model
                + " says that it is there"), refused(model));
    }

    @Test
    void whatDenseDoesNotDoIsRefused() throws Exception {
        Path model = copy("dense_tanh");
        replace(model.resolve("2_Dense").resolve("config.json"), "{", "{\"use_residual\": true, ");
        assertTrue(refused(model).contains("'use_residual' is true and must be false"), refused(model));
    }

    @Test
    void aSecondPoolingIsRefused() throws Exception {
        Path model = copy("pool_cls_token");
        String modules = Files.readString(model.resolve("modules.json"));
        String pooling = modules.substring(modules.lastIndexOf('{'), modules.lastIndexOf('}') + 1);
        replace(model.resolve("modules.json"), pooling, pooling + ", " + pooling);
        assertTrue(refused(model).contains("a second Pooling has no token vectors to pool"), refused(model));
    }

    /** Before its version 4, sentence-transformers called the function of a cross-encoder otherwise. */
    @Test
    void theFormerNameOfACrossEncodersFunctionIsKnown() throws Exception {
        Path model = copy("cross1");
        try (CrossEncoder encoder = CrossEncoder.fromPretrained(model, LoadOptions.defaults())) {
            float score = encoder.predict("A dog", "A fox")[0];
            assertTrue(score > 0 && score < 1);
            replace(model.resolve("config.json"), "{\n  \"model_type\"", "{\n"
                    + "\"sbert_ce_default_activation_function\": \"torch.nn.modules.linear.Identity\",\n"
                    + "\"model_type\"");
            try (CrossEncoder former = CrossEncoder.fromPretrained(model, LoadOptions.defaults())) {
                float raw = former.predict("A dog", "A fox")[0];
                assertEquals(score, 1 / (1 + Math.exp(-raw)), 1e-6);
            }
        }
    }

    @Test
    void aTextThatIsNullIsNotTheWordNull() throws Exception {
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(copy("pool_cls_token"))) {
            assertEquals("Text 1 is null; an empty text is \"\".", assertThrows(IllegalArgumentException.class,
                    () -> encoder.encode(Arrays.asList("a", null))).getMessage());
        }
    }
}
