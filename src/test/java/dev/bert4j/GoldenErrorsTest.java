package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.bert4j.json.Json;
import dev.bert4j.weights.SafetensorsWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Wrong use that the reference refuses, by its errors.json, is refused here; what it accepts is accepted. */
class GoldenErrorsTest {
    private static final Path MODELS = Golden.folder().resolve("models");
    private static final BertInput GOOD = BertInput.of(1, 2, 3);

    @TempDir
    static Path folder;

    /** What the reference was asked, and a part of what we answer; null where it is accepted. */
    private record Use(String part, Executable call) {
    }

    @TestFactory
    List<DynamicTest> wrongUse() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (Object each : (List<?>) Json.parse(Files.readAllBytes(MODELS.resolve("errors.json")), "errors.json")) {
            Map<?, ?> entry = (Map<?, ?>) each;
            String what = (String) entry.get("what");
            tests.add(dynamicTest(what, () -> {
                Use use = use(what);
                if (entry.get("error") == null) {
                    assertNull(use.part, "the reference accepts it");
                    use.call.execute();
                } else {
                    String message = assertThrows(Exception.class, use.call).getMessage();
                    assertTrue(message.contains(use.part), "'" + use.part + "' is not in: " + message);
                    assertTrue(message.endsWith("."), "no sentence: " + message);
                }
            }));
        }
        assertEquals(27, tests.size());
        return tests;
    }

    private static Use use(String what) throws Exception {
        BertConfig base = BertConfig.fromPretrained(MODELS.resolve("base"));
        int vocabulary = base.vocabSize();
        int positions = base.maxPositionEmbeddings();
        String mask = "The attention mask has the shape ";
        return switch (what) {
            case "input_ids and inputs_embeds" -> forward("You cannot specify both inputIds and inputsEmbeds",
                    InputErrorsTest.input(new int[][] {{1, 2, 3}}, ones(1, 3, base.hiddenSize())));
            case "neither" ->
                forward("You have to specify either inputIds or inputsEmbeds", InputErrorsTest.input(null, null));
            case "mask of rank 4" -> forward(mask + "[1, 1, 3, 3]", GOOD.withAttentionMask(ones(1, 1, 3, 3)));
            case "mask of rank 1" -> forward(mask + "[3]", GOOD.withAttentionMask(ones(3)));
            case "mask too long" -> forward(mask + "[1, 4]", GOOD.withAttentionMask(ones(1, 4)));
            case "head_mask of rank 3" ->
                forward("The head mask has the shape [1, 1, 1]", GOOD.withHeadMask(ones(1, 1, 1)));
            case "token id out of range" ->
                forward("inputIds[0][1] is " + vocabulary + ", which is not in", BertInput.of(1, vocabulary));
            case "token type out of range" -> forward("tokenTypeIds[0][1] is 2, which is not in",
                    GOOD.withTokenTypeIds(new int[][] {{0, 2, 0}}));
            case "sequence longer than max_position_embeddings" ->
                forward("A text of " + (positions + 1) + " tokens is longer", BertInput.of(new int[positions + 1]));
            case "position id out of range" -> forward("positionIds[0][2] is " + positions + ", which is not in",
                    GOOD.withPositionIds(new int[][] {{0, 1, positions}}));
            // Ids always are a matrix here; embeddings need not have all their dimensions.
            case "one-dimensional ids" ->
                forward("inputsEmbeds has the shape [3, ", BertInput.ofEmbeds(ones(3, base.hiddenSize())));
            case "hidden_size not divisible by heads" -> new Use("the hidden size (30) is not a multiple of",
                    () -> BertConfig.defaults().with("num_attention_heads", 4).with("hidden_size", 30));
            case "unknown hidden_act" ->
                new Use("'gelu_foo' is not supported", () -> base.with("hidden_act", "gelu_foo"));
            case "unknown problem_type" -> new Use("problem_type is 'foo' but must be one of regression, "
                    + "single_label_classification, multi_label_classification",
                    () -> base.with("problem_type", "foo"));
            case "chunk size does not divide" -> load("multiple of", base.with("chunk_size_feed_forward", 2));
            case "chunk size larger than the sequence" -> load("multiple of", base.with("chunk_size_feed_forward", 4));
            case "shape mismatch" -> load("intermediate.dense.weight", base.with("intermediate_size", 33));
            case "vocabulary mismatch" -> load("word_embeddings.weight", base.with("vocab_size", 33));
            case "fewer layers than the file" -> load(null, base.with("num_hidden_layers", 1));
            case "MLM labels out of range" -> new Use("labels[0][2] is 9999", () -> {
                try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(MODELS.resolve("head_masked_lm"))) {
                    model.forward(GOOD, new int[][] {{1, 2, 9999}});
                }
            });
            case "a bare file that also carries head tensors, into a head model" -> {
                Files.copy(MODELS.resolve("base").resolve("config.json"), folder.resolve("config.json"));
                new SafetensorsWriter()
                        .add("embeddings.LayerNorm.weight", "F32", List.of((long) base.hiddenSize()),
                                new byte[4 * base.hiddenSize()])
                        .add("cls.predictions.bias", "F32", List.of((long) vocabulary), new byte[4 * vocabulary])
                        .write(folder.resolve("model.safetensors"));
                yield new Use("has tensors of a head (cls.) beside a base without the prefix",
                        () -> BertForMaskedLM.fromPretrained(folder));
            }
            default -> decoderUse(what);
        };
    }

    private static Use decoderUse(String what) throws Exception {
        int features = BertConfig.fromPretrained(MODELS.resolve("decoder_cross")).hiddenSize();
        Tensor states = ones(1, 2, features);
        return switch (what) {
            case "add_cross_attention without is_decoder" -> new Use("only a decoder can have it",
                    () -> BertConfig.defaults().with("add_cross_attention", true));
            case "encoder_hidden_states to a decoder without cross-attention" -> decode("decoder_self",
                    "this decoder has no cross-attention", GOOD.withEncoderHiddenStates(states));
            case "encoder states of another width" -> decode("decoder_cross",
                    "encoderHiddenStates has the shape [1, 2, " + (features + 1) + "]",
                    GOOD.withEncoderHiddenStates(ones(1, 2, features + 1)));
            case "encoder_attention_mask of rank 1" -> decode("decoder_cross",
                    "The encoder attention mask has the shape [2]",
                    GOOD.withEncoderHiddenStates(states).withEncoderAttentionMask(ones(2)));
            case "cross-attention, no encoder states, output_attentions" -> new Use(null, () -> {
                try (BertLMHeadModel model = BertLMHeadModel.fromPretrained(MODELS.resolve("decoder_cross"))) {
                    // The reference puts its cache in this place, which is a slip.
                    assertNull(model.forward(GOOD.withAttentions()).crossAttentions());
                }
            });
            case "past with a mask of the new tokens only" -> new Use("The attention mask has the shape [1, 3]", () -> {
                try (BertLMHeadModel model = BertLMHeadModel.fromPretrained(MODELS.resolve("decoder_self"))) {
                    PastKeyValues past = model.forward(GOOD).pastKeyValues();
                    model.forward(GOOD.withPastKeyValues(past).withAttentionMask(ones(1, 3)));
                }
            });
            default -> throw new AssertionError("no call for this use");
        };
    }

    private static Use decode(String folder, String part, BertInput input) {
        return new Use(part, () -> {
            try (BertLMHeadModel model = BertLMHeadModel.fromPretrained(MODELS.resolve(folder))) {
                model.forward(input);
            }
        });
    }

    private static Tensor ones(int... shape) {
        return InputErrorsTest.ones(shape);
    }

    private static Use forward(String part, BertInput input) {
        return new Use(part, () -> {
            try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"))) {
                model.forward(input);
            }
        });
    }

    private static Use load(String part, BertConfig config) {
        return new Use(part, () -> {
            LoadOptions options = LoadOptions.defaults().withConfig(config);
            try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"), options)) {
                model.forward(GOOD);
            }
        });
    }
}
