package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.model.BertAttention;
import dev.bert4j.weights.DType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A model without heads against the same model with these heads masked, and against sums by hand. */
class PruneHeadsTest {
    private static final Path MODELS = Golden.resources().resolve("models");
    private static final Map<Integer, Set<Integer>> HEADS = Map.of(0, Set.of(1, 4), 2, Set.of(0, 1, 2, 3));
    private static final BertInput INPUT = BertInput.of(new int[][] {{1, 2, 3, 4, 5, 6, 7}, {9, 8, 7, 6, 5, 4, 3}})
            .withAttentionMask(new int[][] {{1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 0, 0}})
            .withHiddenStates().withAttentions();

    @TempDir
    Path folder;

    static Stream<String> backends() {
        return GoldenModelsTest.backends().stream();
    }

    private static BertModel base(String backend) throws Exception {
        return BertModel.fromPretrained(MODELS.resolve("base"), LoadOptions.defaults().withBackend(backend));
    }

    /** [3 layers, 5 heads] with zeros for the heads above. */
    private static Tensor mask() {
        return Tensor.of(new float[] {1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1}, 3, 5);
    }

    private static void close(Tensor expected, Tensor actual) {
        assertArrayEquals(expected.shape(), actual.shape());
        assertArrayEquals(expected.data(), actual.data(), 1e-5f);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void pruningIsMasking(String backend) throws Exception {
        try (BertModel model = base(backend); BertModel pruned = model.pruneHeads(HEADS)) {
            BaseModelOutputWithPoolingAndCrossAttentions expected = model.forward(INPUT.withHeadMask(mask()));
            BaseModelOutputWithPoolingAndCrossAttentions output = pruned.forward(INPUT);
            close(expected.lastHiddenState(), output.lastHiddenState());
            close(expected.poolerOutput(), output.poolerOutput());
            for (int layer = 0; layer < 3; layer++) {
                int[] heads = pruned.config().headsOf(layer);
                Tensor probabilities = output.attentions().get(layer);
                assertArrayEquals(new int[] {2, heads.length, 7, 7}, probabilities.shape());
                for (int text = 0; text < 2; text++) {
                    for (int i = 0; i < heads.length; i++) {
                        close(expected.attentions().get(layer).select(text, heads[i]), probabilities.select(text, i));
                    }
                }
            }
            // A mask still counts all heads; and texts of one batch are the same alone.
            Tensor mask = mask();
            mask.data()[2] = 0.5f;
            close(model.forward(INPUT.withHeadMask(mask)).lastHiddenState(),
                    pruned.forward(INPUT.withHeadMask(mask)).lastHiddenState());
            BertInput other = BertInput.of(5, 6, 7).withAttentions();
            List<BaseModelOutputWithPoolingAndCrossAttentions> both = pruned.forward(List.of(other, INPUT));
            Bits.assertSame(output.lastHiddenState(), both.get(1).lastHiddenState(), "in a batch");
            Bits.assertSame(output.attentions().get(0), both.get(1).attentions().get(0), "in a batch");
            Bits.assertSame(pruned.forward(other).attentions().get(2), both.get(0).attentions().get(2), "in a batch");
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void partsOnTheirOwnArePruned(String backend) throws Exception {
        try (BertModel model = base(backend); BertModel pruned = model.pruneHeads(HEADS)) {
            Tensor x = model.embeddings().forward(INPUT);
            Tensor mask = Tensor.of(new float[] {1, 0, 1, 1, 0}, 5);
            BertAttention full = model.encoder().layer().get(0).attention();
            BertAttention small = pruned.encoder().layer().get(0).attention();
            AttentionOutput expected = full.self().forward(x, null, null, true);
            AttentionOutput context = small.self().forward(x, null, null, true);
            assertArrayEquals(new int[] {2, 7, 36}, context.hiddenStates().shape());
            int[] kept = {0, 2, 3};
            for (int token = 0; token < 14; token++) {
                for (int f = 0; f < 36; f++) {
                    assertEquals(expected.hiddenStates().data()[token * 60 + kept[f / 12] * 12 + f % 12],
                            context.hiddenStates().data()[token * 36 + f]);
                }
            }
            assertArrayEquals(new int[] {2, 3, 7, 7}, context.attentions().shape());
            close(full.forward(x, null, mask, false).hiddenStates(),
                    small.forward(x, null, null, false).hiddenStates());
            close(small.forward(x, null, null, false).hiddenStates(),
                    small.output().forward(context.hiddenStates(), x));
            close(model.encoder().forward(x, null, mask(), false, false).lastHiddenState(),
                    pruned.encoder().forward(x, null, null, true, true).lastHiddenState());
            assertArrayEquals(new int[] {2, 1, 7, 7},
                    pruned.encoder().forward(x, null, null, false, true).attentions().get(2).shape());
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void relativePositionsStay(String backend) throws Exception {
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("relative_key_query"),
                LoadOptions.defaults().withBackend(backend));
                BertModel pruned = model.pruneHeads(Map.of(1, Set.of(0, 2)))) {
            Tensor mask = Tensor.of(new float[] {1, 1, 1, 1, 0, 1, 0, 1}, 2, 4);
            close(model.forward(INPUT.withHeadMask(mask)).lastHiddenState(), pruned.forward(INPUT).lastHiddenState());
        }
    }

    /** A single token attends to itself alone, so that its context is its value. */
    @Test
    void aTokenAloneByHand() throws Exception {
        Map<String, Object> config = Map.of("hidden_size", 4L, "num_attention_heads", 2L, "num_hidden_layers", 1L,
                "intermediate_size", 3L, "vocab_size", 5L, "max_position_embeddings", 2L);
        Path made = MadeModel.write(folder, config, DType.F32);
        try (BertModel model = BertModel.fromPretrained(made);
                BertModel pruned = model.pruneHeads(Map.of(0, Set.of(0)))) {
            float[] x = {0.5f, -1, 2, 0.25f};
            Tensor wv = model.getParameter("encoder.layer.0.attention.self.value.weight");
            Tensor wo = model.getParameter("encoder.layer.0.attention.output.dense.weight");
            double[] sums = new double[4];
            for (int i = 0; i < 4; i++) {
                sums[i] = x[i];
                for (int f = 2; f < 4; f++) {
                    double value = 0;
                    for (int k = 0; k < 4; k++) {
                        value += wv.get(f, k) * x[k];
                    }
                    sums[i] += wo.get(i, f) * value;
                }
            }
            double mean = Arrays.stream(sums).average().orElseThrow();
            double variance = Arrays.stream(sums).map(sum -> (sum - mean) * (sum - mean)).average().orElseThrow();
            Tensor y = pruned.encoder().layer().get(0).attention().forward(Tensor.of(x, 1, 1, 4), null, null, false)
                    .hiddenStates();
            for (int i = 0; i < 4; i++) {
                assertEquals((sums[i] - mean) / Math.sqrt(variance), y.data()[i], 1e-5);
            }
            assertEquals("[2, 4]", Arrays.toString(pruned.namedParameters()
                    .get("encoder.layer.0.attention.self.query.weight").shape()));
            assertArrayEquals(new float[] {wo.get(0, 2), wo.get(0, 3), wo.get(1, 2), wo.get(1, 3), wo.get(2, 2),
                wo.get(2, 3), wo.get(3, 2), wo.get(3, 3)},
                    pruned.getParameter("encoder.layer.0.attention.output.dense.weight").data());
        }
    }

    /** What is pruned is a copy, in the type that the file has. */
    @Test
    void bf16InMemoryHasTheBitsOfTheReference() throws Exception {
        Path made = MadeModel.write(folder.resolve("bf16"), Map.of("hidden_size", 60L, "num_attention_heads", 5L,
                "intermediate_size", 90L, "num_hidden_layers", 1L, "vocab_size", 50L), DType.BF16);
        Tensor expected = null;
        for (String backend : List.of("reference", "vector")) {
            LoadOptions options = LoadOptions.defaults().withBackend(backend);
            try (BertModel model = BertModel.fromPretrained(made, options);
                    BertModel pruned = model.pruneHeads(Map.of(0, Set.of(1)))) {
                Tensor found = pruned.forward(INPUT).lastHiddenState();
                Bits.assertSame(expected == null ? found : expected, found, backend);
                expected = found;
            }
        }
    }

    @Test
    void whatIsPrunedIsSavedAndOpenedSo() throws Exception {
        for (String name : List.of("base", "dtype_mixed", "dtype_f16")) {
            try (BertModel model = BertModel.fromPretrained(MODELS.resolve(name));
                    BertModel pruned = model.pruneHeads(Map.of(1, Set.of(1)))) {
                pruned.savePretrained(folder);
                try (BertModel again = BertModel.fromPretrained(folder)) {
                    assertEquals(Map.of(1, Set.of(1)), again.config().prunedHeads());
                    assertEquals(pruned.toString(), again.toString());
                    pruned.namedParameters().forEach((path, weight) -> {
                        assertEquals(weight.dtype(), again.namedParameters().get(path).dtype());
                        assertEquals(-1, weight.data().mismatch(again.namedParameters().get(path).data()), path);
                    });
                    Bits.assertSame(pruned.forward(INPUT).lastHiddenState(), again.forward(INPUT).lastHiddenState(),
                            name);
                }
            }
        }
    }

    @Test
    void pruningAgainPrunesMore() throws Exception {
        try (BertModel model = base("reference"); BertModel once = model.pruneHeads(Map.of(0, Set.of(4)));
                BertModel twice = once.pruneHeads(HEADS); BertModel direct = model.pruneHeads(HEADS)) {
            assertEquals(direct.config().prunedHeads(), twice.config().prunedHeads());
            Bits.assertSame(direct.forward(INPUT).lastHiddenState(), twice.forward(INPUT).lastHiddenState(), "twice");
            assertEquals(Map.of(), model.config().prunedHeads());
            String none = assertThrows(IllegalArgumentException.class,
                    () -> once.pruneHeads(Map.of(0, Set.of(0, 1, 2, 3)))).getMessage();
            assertTrue(none.endsWith("pruned_heads leaves no head of layer 0, but at least one must remain."), none);
        }
    }

    @Test
    void wrongHeadsAreRefused() throws Exception {
        try (BertModel model = base("reference")) {
            Map.of("pruneHeads names layer 3, but the model has the layers 0 to 2.", Map.of(3, Set.of(0)),
                    "pruneHeads names layer -1, but the model has the layers 0 to 2.", Map.of(-1, Set.of(0)),
                    "pruneHeads names head 5 of layer 1, but a layer has the heads 0 to 4.", Map.of(1, Set.of(5)),
                    "pruneHeads leaves no head of layer 1, but at least one must remain.",
                    Map.of(1, Set.of(0, 1, 2, 3, 4))).forEach((sentence, heads) -> assertEquals(sentence,
                            assertThrows(IllegalArgumentException.class, () -> model.pruneHeads(heads)).getMessage()));
        }
    }

    @Test
    void eachModelIsClosedOnItsOwn() throws Exception {
        BertForMaskedLM model = BertForMaskedLM.fromPretrained(MODELS.resolve("bare"),
                LoadOptions.defaults().withInitSeed(1));
        BertForMaskedLM pruned = model.pruneHeads(Map.of(0, Set.of(0)));
        Tensor expected = pruned.forward(INPUT).logits();
        model.close();
        Bits.assertSame(expected, pruned.forward(INPUT).logits(), "after the other was closed");
        assertThrows(IllegalStateException.class, () -> model.forward(INPUT));
        assertThrows(IllegalStateException.class, () -> model.pruneHeads(Map.of(0, Set.of(0))));
        pruned.close();
        assertThrows(IllegalStateException.class, () -> pruned.forward(INPUT));
        assertThrows(IllegalStateException.class, () -> pruned.getParameter("bert.embeddings.LayerNorm.weight"));
    }
}
