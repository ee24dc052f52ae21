package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.bert4j.backend.reference.ReferenceBackend;
import dev.bert4j.backend.vector.VectorBackend;
import dev.bert4j.json.Json;
import dev.bert4j.model.BertLayer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every run of BertModel and BertForMaskedLM of the reference that this version can compute, on every backend.
 *
 * <p>The folder is the system property {@code golden}, the backend {@code dev.bert4j.backend}; without them the
 * resources and all.
 */
class GoldenModelsTest {
    /** Model cases of other classes, decoders and relative positions. */
    private static final Set<String> OTHER = Set.of("head_pretraining", "head_next_sentence",
            "head_sequence_regression1",
            "head_sequence_regression3", "head_sequence_single3", "head_sequence_multi4", "head_multiple_choice",
            "head_token", "head_question_answering");
    private static final Set<String> CLASSES = Set.of("BertModel", "BertForMaskedLM", "BertLMHeadModel");

    private static final Map<String, Integer> COMPARED = new ConcurrentHashMap<>();
    private static final Map<String, Double> LARGEST = new ConcurrentHashMap<>();

    @TestFactory
    List<DynamicTest> runs() throws Exception {
        Path models = Golden.folder().resolve("models");
        Map<?, ?> index = (Map<?, ?>) Json.parse(Files.readAllBytes(models.resolve("index.json")), "index.json");
        List<DynamicTest> tests = new ArrayList<>();
        for (String backend : backends()) {
            for (Map.Entry<?, ?> modelCase : index.entrySet()) {
                if (OTHER.contains(modelCase.getKey())) {
                    continue;
                }
                Path folder = models.resolve((String) modelCase.getKey());
                for (Map.Entry<?, ?> run : ((Map<?, ?>) modelCase.getValue()).entrySet()) {
                    if (CLASSES.contains(((Map<?, ?>) run.getValue()).get("class"))) {
                        tests.add(dynamicTest(backend + " " + modelCase.getKey() + " " + run.getKey(),
                                () -> compare(backend, folder, run.getKey() + ".safetensors")));
                    }
                }
            }
        }
        assertTrue(tests.size() > 0, "no runs in " + models);
        return tests;
    }

    static List<String> backends() {
        String only = System.getProperty("dev.bert4j.backend", "");
        return only.isEmpty() ? List.of(ReferenceBackend.NAME, VectorBackend.NAME) : List.of(only);
    }

    @AfterAll
    static void report() {
        COMPARED.forEach((backend, count) -> System.out.printf(Locale.ROOT,
                "Golden models: backend %s, %d runs compared, largest deviation %.2e of 1 + |value|%n", backend, count,
                LARGEST.get(backend)));
    }

    private static void compare(String backend, Path folder, String file) throws Exception {
        try (GoldenRun run = new GoldenRun(folder.resolve(file))) {
            BertConfig config = BertConfig.fromPretrained(folder);
            for (Map.Entry<String, Object> override : run.object("config_override").entrySet()) {
                config = config.with(override.getKey(), override.getValue());
            }
            // Some files lack what the reference then makes anew; what depends on chance is not in the results.
            LoadOptions options = LoadOptions.defaults().withBackend(backend).withConfig(config).withInitSeed(1);
            if (Boolean.FALSE.equals(run.object("load_kwargs").get("add_pooling_layer"))) {
                options = options.withoutPoolingLayer();
            }
            switch (run.metadata("class")) {
                case "BertModel" -> {
                    try (BertModel model = BertModel.fromPretrained(folder, options)) {
                        if (config.isDecoder()) {
                            GoldenDecoderCalls.call(model, run, input(run));
                        } else {
                            call(model, run);
                        }
                    }
                }
                case "BertLMHeadModel" -> {
                    try (BertLMHeadModel model = BertLMHeadModel.fromPretrained(folder, options)) {
                        GoldenDecoderCalls.call(model, run, input(run));
                    }
                }
                case "BertForMaskedLM" -> {
                    try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(folder, options)) {
                        call(model, run);
                    }
                }
                default -> throw new AssertionError(run.metadata("class"));
            }
            LARGEST.merge(backend, run.finish(), Math::max);
            COMPARED.merge(backend, 1, Integer::sum);
        }
    }

    private static BertInput input(GoldenRun run) throws Exception {
        BertInput input = BertInput.of(run.ids("input_ids")).withInputsEmbeds(run.floats("inputs_embeds"))
                .withAttentionMask(run.floats("attention_mask")).withTokenTypeIds(run.ids("token_type_ids"))
                .withPositionIds(run.ids("position_ids")).withHeadMask(run.floats("head_mask"));
        if (Boolean.TRUE.equals(run.object("kwargs").get("output_hidden_states"))) {
            input = input.withHiddenStates();
        }
        return Boolean.TRUE.equals(run.object("kwargs").get("output_attentions")) ? input.withAttentions() : input;
    }

    private static void call(BertForMaskedLM model, GoldenRun run) throws Exception {
        int[][] labels = run.ids("labels");
        MaskedLMOutput output = labels == null ? model.forward(input(run)) : model.forward(input(run), labels);
        run.check("loss", output.loss());
        run.check("logits", output.logits());
        run.check("hidden_states", output.hiddenStates());
        run.check("attentions", output.attentions());
    }

    private static void call(BertModel model, GoldenRun run) throws Exception {
        String method = run.metadata("method").replaceAll("\\(.*", "");
        Tensor x = run.floats("x");
        Tensor mask = run.floats("attention_mask");
        BertLayer layer = model.encoder().layer().get(0);
        switch (method) {
            case "forward" -> {
                BaseModelOutputWithPoolingAndCrossAttentions output = model.forward(input(run));
                run.check("last_hidden_state", output.lastHiddenState());
                run.check("pooler_output", output.poolerOutput());
                run.check("hidden_states", output.hiddenStates());
                run.check("attentions", output.attentions());
            }
            case "embeddings" -> {
                int past = ((Number) run.object("kwargs").getOrDefault("past_key_values_length", 0)).intValue();
                run.check("embeddings", model.embeddings().forward(input(run), past));
            }
            case "encoder" -> {
                BaseModelOutput output = model.encoder().forward(x, mask, run.floats("head_mask"), true, true);
                run.check("last_hidden_state", output.lastHiddenState());
                run.check("hidden_states", output.hiddenStates());
                run.check("attentions", output.attentions());
            }
            case "encoder.layer[0]" -> check(run, "hidden", layer.forward(x, mask, null, true));
            case "encoder.layer[0].attention" -> check(run, "hidden", layer.attention().forward(x, mask, null, true));
            case "encoder.layer[0].attention.self" ->
                check(run, "context", layer.attention().self().forward(x, mask, run.floats("head_mask"), true));
            case "encoder.layer[0].attention.output" ->
                run.check("hidden", layer.attention().output().forward(x, run.floats("residual")));
            case "encoder.layer[0].intermediate" -> run.check("hidden", layer.intermediate().forward(x));
            case "encoder.layer[0].output" -> run.check("hidden", layer.output().forward(x, run.floats("residual")));
            case "pooler" -> run.check("pooled", model.pooler().forward(x));
            default -> throw new AssertionError("no call for the method " + method);
        }
    }

    private static void check(GoldenRun run, String name, AttentionOutput output) {
        run.check(name, output.hiddenStates());
        run.check("attention", output.attentions());
    }
}
