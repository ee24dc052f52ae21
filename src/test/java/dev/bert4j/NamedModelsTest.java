package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.hub.FakeHub;
import dev.bert4j.hub.HubOptions;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models and tokenizers by name: the same as from their folders. */
class NamedModelsTest {
    private static final Path DEMO = Path.of("src/models/demo");

    @TempDir
    private Path cache;
    private FakeHub hub;
    private HubOptions options;

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub();
        for (String name : List.of("config.json", "model.safetensors", "vocab.txt", "tokenizer.json",
                "tokenizer_config.json", "special_tokens_map.json")) {
            hub.add(name, Files.readAllBytes(DEMO.resolve(name)));
        }
        options = hub.options(cache);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void aModelByNameHasTheBitsOfItsFolder() throws IOException {
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(FakeHub.MODEL, options);
        assertArrayEquals(BertTokenizer.fromPretrained(DEMO).encode("Nice to [MASK] you.").ids(),
                tokenizer.encode("Nice to [MASK] you.").ids());
        BertInput input = BertInput.of(tokenizer.encode("Nice to [MASK] you."));
        LoadOptions load = LoadOptions.defaults().withThreads(1).withHub(options);
        try (PreTrainedModel named = AutoModel.fromPretrained(FakeHub.MODEL, load);
                BertForMaskedLM folder = BertForMaskedLM.fromPretrained(DEMO, load)) {
            Bits.assertSame(folder.forward(input).logits(),
                    assertInstanceOf(BertForMaskedLM.class, named).forward(input).logits(), "logits");
            assertTrue(named.checkpoint().files().getFirst().startsWith(cache));
        }
    }

    @Test
    void everyClassTakesAName() throws ReflectiveOperationException, IOException {
        LoadOptions load = LoadOptions.defaults().withThreads(1).withInitSeed(1).withHub(options);
        for (String name : AutoModel.classes()) {
            Class<?> type = Class.forName("dev.bert4j." + name);
            assertEquals(type, type.getMethod("fromPretrained", String.class).getReturnType());
            Object model;
            try {
                model = type.getMethod("fromPretrained", String.class, LoadOptions.class)
                        .invoke(null, FakeHub.MODEL, load);
            } catch (InvocationTargetException e) {
                throw new AssertionError(name, e.getCause());
            }
            ((PreTrainedModel) model).close();
            assertInstanceOf(type, model);
        }
    }

    @Test
    void aFolderOfThatNameGoesFirst() throws IOException {
        LoadOptions load = LoadOptions.defaults().withThreads(1).withHub(options.withEndpoint("http://localhost:1"));
        try (BertModel model = BertModel.fromPretrained("src/models/demo", load.withInitSeed(1))) {
            assertEquals(DEMO.resolve("model.safetensors"), model.checkpoint().files().getFirst());
        }
        assertEquals(BertTokenizer.fromPretrained(DEMO).vocabSize(),
                BertTokenizer.fromPretrained("src/models/demo").vocabSize());
    }

    @Test
    void whatIsNeitherAFolderNorANameIsSaid() {
        String wrong = "no/such/folder";
        for (IllegalArgumentException e : List.of(
                assertThrows(IllegalArgumentException.class, () -> BertModel.fromPretrained(wrong)),
                assertThrows(IllegalArgumentException.class, () -> BertTokenizer.fromPretrained(wrong)))) {
            assertTrue(e.getMessage().startsWith("\"no/such/folder\" is neither a folder"), e.getMessage());
        }
        assertFalse(Files.exists(cache.resolve("models--acme--tiny-bert")));
    }
}
