package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a checkpoint lacks, what it has beside, and how a model prints, against the reference. */
class GoldenLoadingTest {
    private static final Path MODELS = Golden.folder().resolve("models");

    private static Map<?, ?> read(String file) throws Exception {
        return (Map<?, ?>) Json.parse(Files.readAllBytes(MODELS.resolve(file)), file);
    }

    @TestFactory
    List<DynamicTest> missingAndUnusedTensors() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (Map.Entry<?, ?> entry : read("loading_info.json").entrySet()) {
            String name = (String) entry.getKey();
            for (Object each : (List<?>) ((Map<?, ?>) entry.getValue()).get("loads")) {
                Map<?, ?> load = (Map<?, ?>) each;
                String type = (String) load.get("class");
                assertEquals(Map.of(), load.get("load_kwargs"), "options that this test does not know");
                tests.add(dynamicTest(name + " " + type, () -> {
                    try (PreTrainedModel model = open(type, name, LoadOptions.defaults().withInitSeed(1))) {
                        assertEquals(load.get("missing"), model.loadingInfo().missing());
                        assertEquals(load.get("unused"), model.loadingInfo().unused());
                        assertEquals(warning(load), model.loadingInfo().warning(Path.of("DIR"), type));
                    }
                }));
            }
        }
        assertTrue(tests.size() >= 34, tests.size() + " loads");
        return tests;
    }

    /** What the reference says first of each mismatch, its names sorted and without quotation marks. */
    private static String warning(Map<?, ?> load) {
        return strings(load.get("warnings")).stream().filter(line -> line.startsWith("Some weights")).map(line -> {
            int names = line.indexOf(": [") + 2;
            String[] sorted = line.substring(names + 1, line.length() - 1).replace("'", "").split(", ");
            Arrays.sort(sorted);
            return line.substring(0, names) + Arrays.toString(sorted);
        }).collect(Collectors.joining("\n"));
    }

    private static PreTrainedModel open(String type, String name, LoadOptions options) throws Exception {
        return TestModels.open(type, MODELS.resolve(name), options);
    }

    /** In a JVM of its own, which logs as a program does that sets nothing up. */
    @Test
    void mismatchesAreOneWarning() throws Exception {
        String output = ChildJvm.run(List.of(), Map.of(), Opening.class, MODELS.resolve("no_pooler").toString())
                .output();
        assertEquals(1, output.lines().filter(line -> line.startsWith("WARNING: Some weights")).count(), output);
        assertTrue(output.contains("not used") && output.contains("newly initialized"), output);
        output = ChildJvm.run(List.of(), Map.of(), Opening.class, MODELS.resolve("base").toString()).output();
        assertEquals("", output.strip());
    }

    /** Opens a folder as a BertModel. */
    static final class Opening {
        private Opening() {
        }

        public static void main(String[] args) throws IOException {
            BertModel.fromPretrained(Path.of(args[0]), LoadOptions.defaults().withBackend("reference").withInitSeed(1))
                    .close();
        }
    }

    /** The whole tree of every class; keys are a case, a class, and an option where there is one. */
    @TestFactory
    List<DynamicTest> printing() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        read("print.json").forEach((key, lines) -> {
            String[] words = ((String) key).split(" ");
            boolean option = words.length > 2;
            if (option && words[2].startsWith("hidden_act=")) {
                return;
            }
            tests.add(dynamicTest((String) key, () -> {
                LoadOptions options = LoadOptions.defaults();
                if (option) {
                    assertEquals("add_pooling_layer=False", words[2]);
                    options = options.withoutPoolingLayer();
                }
                try (PreTrainedModel model = open(words[1], words[0], options)) {
                    assertEquals(String.join("\n", strings(lines)), model.toString());
                }
            }));
        });
        assertTrue(tests.size() >= 13, tests.size() + " trees");
        return tests;
    }

    /** The reference's line of the activation, for all activations. */
    @TestFactory
    List<DynamicTest> printingOfActivations() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        String prefix = "activations BertForMaskedLM hidden_act=";
        Map<?, ?> print = read("print.json");
        for (String name : Stream.of(ActivationFunction.values()).flatMap(f -> f.keys().stream()).toList()) {
            tests.add(dynamicTest(name, () -> {
                BertConfig config = BertConfig.fromPretrained(MODELS.resolve("head_masked_lm"))
                        .with("hidden_act", name);
                try (PreTrainedModel model =
                        open("BertForMaskedLM", "head_masked_lm", LoadOptions.defaults().withConfig(config))) {
                    List<String> lines = model.toString().lines().filter(line -> line.contains("act_fn")).toList();
                    assertEquals(strings(print.get(prefix + name)).getFirst(), lines.getFirst());
                }
            }));
        }
        return tests;
    }

    private static List<String> strings(Object list) {
        return ((List<?>) list).stream().map(String.class::cast).toList();
    }
}
