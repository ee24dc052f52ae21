package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What a checkpoint lacks, what it has beside, and how a model prints, against the reference. */
class GoldenLoadingTest {
    private static final Path MODELS = Golden.folder().resolve("models");
    private static final List<String> PRINTED = List.of("base BertModel", "eps_1e5 BertModel", "pad_token_3 BertModel",
            "head_masked_lm BertForMaskedLM");

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
                if (type.equals("BertModel") || type.equals("BertForMaskedLM")) {
                    assertEquals(Map.of(), load.get("load_kwargs"), "options that this test does not know");
                    tests.add(dynamicTest(name + " " + type, () -> {
                        try (PreTrainedModel model = open(type, name, LoadOptions.defaults().withInitSeed(1))) {
                            assertEquals(load.get("missing"), model.loadingInfo().missing());
                            assertEquals(load.get("unused"), model.loadingInfo().unused());
                        }
                    }));
                }
            }
        }
        assertTrue(tests.size() >= 25, tests.size() + " loads");
        return tests;
    }

    private static PreTrainedModel open(String type, String name, LoadOptions options) throws Exception {
        Path folder = MODELS.resolve(name);
        return type.equals("BertModel") ? BertModel.fromPretrained(folder, options)
                : BertForMaskedLM.fromPretrained(folder, options);
    }

    @TestFactory
    List<DynamicTest> printing() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        Map<?, ?> print = read("print.json");
        for (String key : PRINTED) {
            String[] words = key.split(" ");
            tests.add(dynamicTest(key, () -> {
                try (PreTrainedModel model = open(words[1], words[0], LoadOptions.defaults())) {
                    assertEquals(String.join("\n", strings(print.get(key))), model.toString());
                }
            }));
        }
        String without = "base BertModel add_pooling_layer=False";
        tests.add(dynamicTest(without, () -> {
            try (PreTrainedModel model = open("BertModel", "base", LoadOptions.defaults().withoutPoolingLayer())) {
                assertEquals(String.join("\n", strings(print.get(without))), model.toString());
            }
        }));
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
