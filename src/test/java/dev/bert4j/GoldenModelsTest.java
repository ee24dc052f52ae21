package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every run of the reference that the index names, on every backend; one that {@link GoldenCalls} does not know fails.
 *
 * <p>The folder is the system property {@code golden}, the backend {@code backend} or {@code dev.bert4j.backend};
 * without them the resources and all.
 */
class GoldenModelsTest {
    /** What is no call of a model: GoldenActivationsTest compares the table of activations. */
    private static final String NO_MODEL = "activation function alone";

    private static final Path MODELS = Golden.folder().resolve("models");
    private static final Map<String, Integer> COMPARED = new ConcurrentHashMap<>();
    private static final Map<String, Double> LARGEST = new ConcurrentHashMap<>();

    /** A run of the index. */
    record Run(String folder, String name, String type, String method) {
        Path file() {
            return MODELS.resolve(folder).resolve(name + ".safetensors");
        }
    }

    /** The runs that the index names. */
    static List<Run> index() throws IOException {
        Map<?, ?> index = (Map<?, ?>) Json.parse(Files.readAllBytes(MODELS.resolve("index.json")), "index.json");
        List<Run> runs = new ArrayList<>();
        index.forEach((folder, ofFolder) -> ((Map<?, ?>) ofFolder).forEach((name, run) -> runs.add(
                new Run((String) folder, (String) name, (String) ((Map<?, ?>) run).get("class"),
                        (String) ((Map<?, ?>) run).get("method")))));
        return runs;
    }

    @TestFactory
    List<DynamicTest> runs() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (String backend : backends()) {
            for (Run run : index()) {
                if (!run.method.equals(NO_MODEL)) {
                    tests.add(dynamicTest(backend + " " + run.folder + " " + run.name,
                            () -> {
                                LARGEST.merge(backend, compare(backend, run, MODELS.resolve(run.folder)), Math::max);
                                COMPARED.merge(backend, 1, Integer::sum);
                            }));
                }
            }
        }
        assertTrue(tests.size() > 0, "no runs in " + MODELS);
        return tests;
    }

    /** A run that the index forgot would never be compared. */
    @Test
    void theIndexNamesAllRuns() throws Exception {
        Set<Path> named = index().stream().map(Run::file)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<Path> there = new TreeSet<>();
        try (Stream<Path> files = Files.walk(MODELS)) {
            files.filter(file -> file.toString().endsWith(".safetensors"))
                    .filter(file -> !file.getFileName().toString().startsWith("model")).forEach(there::add);
        }
        assertEquals(named, there);
    }

    /** The backends to test. */
    static List<String> backends() {
        return Golden.backends();
    }

    @AfterAll
    static void report() {
        COMPARED.forEach((backend, count) -> System.out.printf(Locale.ROOT,
                "Golden models: backend %s, %d runs compared, largest deviation %.2e of 1 + |value|%n", backend, count,
                LARGEST.get(backend)));
    }

    /** Makes the call of a run on the model of a folder, compares what it answers, and returns the deviation. */
    static double compare(String backend, Run run, Path folder) throws Exception {
        try (GoldenRun golden = new GoldenRun(run.file())) {
            assertEquals(run.type, golden.metadata("class"));
            BertConfig config = BertConfig.fromPretrained(folder);
            for (Map.Entry<String, Object> override : golden.object("config_override").entrySet()) {
                config = config.with(override.getKey(), override.getValue());
            }
            // Some files lack what the reference then makes anew; what depends on chance is not in the results.
            LoadOptions options = LoadOptions.defaults().withBackend(backend).withConfig(config).withInitSeed(1);
            for (Map.Entry<String, Object> option : golden.object("load_kwargs").entrySet()) {
                assertEquals(Map.entry("add_pooling_layer", false), option, "an option that this test does not know");
                options = options.withoutPoolingLayer();
            }
            try (PreTrainedModel model = TestModels.open(run.type, folder, options)) {
                GoldenCalls.call(model, golden);
            }
            return golden.finish();
        }
    }
}
