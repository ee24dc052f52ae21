package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bert4j.backend.NativeCpu;
import dev.bert4j.backend.nativecpu.NativeKernels;
import dev.bert4j.weights.CheckpointQuantizer;
import dev.bert4j.weights.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where only some tokens of the last layer are needed, they have the bits that they have among all. */
class LastLayerTest {
    private static final Path MODELS = Golden.resources().resolve("models");

    @TempDir
    Path folder;

    static Stream<String> backends() {
        return Golden.backends().stream();
    }

    private static BertModel open(Path folder, String backend) throws Exception {
        return BertModel.fromPretrained(folder, LoadOptions.defaults().withBackend(backend).withThreads(2)
                .withInitSeed(3));
    }

    /** Relative positions and decoders among them, of which all tokens are computed. */
    @ParameterizedTest
    @MethodSource("backends")
    void ofModelsOfEveryKind(String backend) throws Exception {
        List<Path> folders = new ArrayList<>(Stream.of("base", "head_dim_64", "odd_head_dim", "dtype_bf16",
                "relative_key_query", "decoder_self", "decoder_cross").map(MODELS::resolve).toList());
        folders.add(Path.of("src/models/demo"));
        folders.add(MadeModel.write(folder.resolve("long"), Map.of("hidden_size", 39, "num_attention_heads", 3,
                "num_hidden_layers", 1, "intermediate_size", 131, "vocab_size", 50, "max_position_embeddings", 300,
                "type_vocab_size", 2), DType.F32));
        for (Path path : folders) {
            try (BertModel model = open(path, backend)) {
                compare(model, path + " on " + backend);
            }
        }
        try (BertModel model = open(MODELS.resolve("base"), backend);
                BertModel pruned = model.pruneHeads(Map.of(1, Set.of(0), 2, Set.of(1, 3)))) {
            compare(pruned, "pruned on " + backend);
        }
    }

    @Test
    void ofProductsThatRound() throws Exception {
        NativeCpu.require();
        Path int8 = folder.resolve("int8");
        CheckpointQuantizer.quantize(MODELS.resolve("base"), int8, false, true, percent -> { });
        for (String backend : List.of("nativecpu:int8", "nativecpu:int8x2")) {
            try (BertModel model = open(int8, backend);
                    BertModel pruned = model.pruneHeads(Map.of(1, Set.of(0), 2, Set.of(1, 3)))) {
                compare(model, backend);
                compare(pruned, "pruned on " + backend);
            }
        }
        try (BertModel model = open(int8, "nativecpu:int8")) {
            compareWithAttentions(model, "nativecpu:int8");
        }
    }

    @Test
    void ofProductsInBf16() throws Exception {
        NativeCpu.require();
        assumeTrue(NativeKernels.get().hasBf16(), "this processor has no instructions for bf16");
        try (BertModel model = open(MODELS.resolve("dtype_bf16"), "nativecpu:bf16")) {
            compare(model, "nativecpu:bf16");
            compareWithAttentions(model, "nativecpu:bf16");
        }
    }

    /** That one text asks for attentions changes nothing, neither for it nor for the others. */
    private static void compareWithAttentions(BertModel model, String what) {
        List<BertInput> plain = inputs(model.config(), new Random(5), false);
        List<BertInput> mixed = new ArrayList<>(plain);
        mixed.set(3, plain.get(3).withAttentions());
        var expected = model.forward(plain);
        var actual = model.forward(mixed);
        for (int i = 0; i < plain.size(); i++) {
            Bits.assertSame(expected.get(i).lastHiddenState(), actual.get(i).lastHiddenState(), what + ", input " + i);
            Bits.assertSame(expected.get(i).lastHiddenState(), model.forward(mixed.get(i)).lastHiddenState(),
                    what + ", alone " + i);
        }
    }

    private static void compare(BertModel model, String what) {
        Random random = new Random(what.length());
        for (boolean headMask : new boolean[] {false, true}) {
            List<BertInput> inputs = inputs(model.config(), random, headMask);
            var expected = model.forward(inputs);
            List<Tensor> pooled = model.poolerOutput(inputs);
            for (int round = 0; round < 3; round++) {
                List<int[]> tokens = new ArrayList<>();
                for (BertInput input : inputs) {
                    int all = input.inputIds().length * input.inputIds()[0].length;
                    tokens.add(random.ints(random.nextInt(4), 0, all).toArray());
                }
                List<Tensor> rows = model.lastHiddenStateAt(inputs, tokens);
                for (int i = 0; i < inputs.size(); i++) {
                    Bits.assertSame(picked(expected.get(i).lastHiddenState(), tokens.get(i)), rows.get(i),
                            what + ", tokens of input " + i);
                }
            }
            for (int i = 0; i < inputs.size(); i++) {
                Tensor alone = expected.get(i).poolerOutput();
                Bits.assertSame(alone, pooled.get(i), what + ", pooled input " + i);
                Bits.assertSame(alone, model.poolerOutput(List.of(inputs.get(i))).getFirst(), what + ", alone " + i);
            }
        }
    }

    /** Texts of all lengths, one or two an input, with masks of either kind or none. */
    private static List<BertInput> inputs(BertConfig config, Random random, boolean headMask) {
        List<BertInput> inputs = new ArrayList<>();
        Tensor factors = tensor(random, config.numHiddenLayers(), config.numAttentionHeads());
        int longest = config.maxPositionEmbeddings();
        for (int length : new int[] {1, 2, 7, 16, 17, 40, 129, 260}) {
            int tokens = Math.min(length, longest);
            int texts = 1 + random.nextInt(2);
            int[][] ids = new int[texts][];
            for (int text = 0; text < texts; text++) {
                ids[text] = random.ints(tokens, 0, config.vocabSize()).toArray();
            }
            BertInput input = BertInput.of(ids);
            Tensor mask = switch (random.nextInt(3)) {
                case 0 -> mask(random, texts, tokens);
                case 1 -> mask(random, texts, tokens, tokens);
                default -> null;
            };
            input = mask == null ? input : input.withAttentionMask(mask);
            inputs.add(headMask ? input.withHeadMask(factors) : input);
        }
        return inputs;
    }

    private static Tensor mask(Random random, int... shape) {
        Tensor mask = tensor(random, shape);
        for (int i = 0; i < mask.data().length; i++) {
            mask.data()[i] = mask.data()[i] < 0.7f ? 1 : 0;
        }
        return mask;
    }

    private static Tensor tensor(Random random, int... shape) {
        float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return Tensor.of(values, shape);
    }

    /** The given tokens of [B, T, features], counted through its texts. */
    private static Tensor picked(Tensor all, int[] tokens) {
        int features = all.size(2);
        float[] rows = new float[tokens.length * features];
        for (int i = 0; i < tokens.length; i++) {
            System.arraycopy(all.data(), tokens[i] * features, rows, i * features, features);
        }
        return Tensor.of(rows, tokens.length, features);
    }

    /** Who asks for hidden states has those of all tokens, whatever the others of the batch ask for. */
    @ParameterizedTest
    @MethodSource("backends")
    void ofTheHeadsAlsoWhereSomeAskForMore(String backend) throws Exception {
        LoadOptions options = LoadOptions.defaults().withBackend(backend).withInitSeed(3);
        for (Map.Entry<String, String> head : Map.of("head_sequence_single3", "BertForSequenceClassification",
                "head_multiple_choice", "BertForMultipleChoice", "head_next_sentence", "BertForNextSentencePrediction")
                .entrySet()) {
            try (PreTrainedModel model = TestModels.open(head.getValue(), MODELS.resolve(head.getKey()), options)) {
                List<BertInput> plain = inputs(model.config(), new Random(1), false);
                List<BertInput> curious = plain.stream().map(input -> input.withHiddenStates().withAttentions())
                        .toList();
                List<BertInput> mixed = new ArrayList<>(plain);
                mixed.set(3, curious.get(3));
                mixed.set(5, plain.get(5).withAttentions());
                List<List<Object>> all = TestModels.answers(model, curious);
                List<List<Object>> some = TestModels.answers(model, plain);
                List<List<Object>> both = TestModels.answers(model, mixed);
                for (int i = 0; i < plain.size(); i++) {
                    String what = head.getValue() + " on " + backend + ", input " + i;
                    assertEquals(1, some.get(i).size(), what);
                    TestModels.assertSame(all.get(i).subList(0, 1), some.get(i), what);
                    List<Object> asked = i == 3 ? all.get(i)
                            : i == 5 ? List.of(all.get(i).get(0), all.get(i).get(2)) : all.get(i).subList(0, 1);
                    TestModels.assertSame(asked, both.get(i), what + " of a mixed batch");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void ofMaskedWords(String backend) throws Exception {
        LoadOptions options = LoadOptions.defaults().withBackend(backend).withInitSeed(3);
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(MODELS.resolve("head_masked_lm"), options)) {
            List<BertInput> inputs = inputs(model.config(), new Random(4), false);
            List<int[]> tokens = new ArrayList<>();
            inputs.forEach(input -> tokens.add(new int[] {0}));
            tokens.set(1, new int[] {1, 0, 1});
            tokens.set(3, new int[0]);
            tokens.set(4, new int[] {16, 3});
            List<MaskedLMOutput> expected = model.forward(inputs);
            List<Tensor> actual = model.logitsAt(inputs, tokens);
            for (int i = 0; i < inputs.size(); i++) {
                Bits.assertSame(picked(expected.get(i).logits(), tokens.get(i)), actual.get(i), "input " + i);
            }
        }
    }

    @Test
    void whatIsRefused() throws Exception {
        BertInput good = BertInput.of(1, 2, 3);
        try (BertModel model = open(MODELS.resolve("base"), "reference")) {
            assertEquals("tokens has 2 entries for 1 inputs.", assertThrows(IllegalArgumentException.class,
                    () -> model.lastHiddenStateAt(List.of(good), List.of(new int[1], new int[1]))).getMessage());
            assertThrows(IndexOutOfBoundsException.class,
                    () -> model.lastHiddenStateAt(List.of(good), List.of(new int[] {3})));
            assertEquals("[0, 60]", Arrays.toString(
                    model.lastHiddenStateAt(List.of(good), List.of(new int[0])).getFirst().shape()));
            assertThrows(IllegalArgumentException.class, () -> model.poolerOutput(List.of(BertInput.of(-1))));
        }
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("base"),
                LoadOptions.defaults().withoutPoolingLayer())) {
            assertNull(model.pooler());
            assertEquals("The model has no pooler: it was opened without its pooling layer.",
                    assertThrows(IllegalStateException.class, () -> model.poolerOutput(List.of(good))).getMessage());
        }
    }
}
