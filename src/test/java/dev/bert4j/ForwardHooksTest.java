package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.model.BertModule;
import dev.bert4j.model.ForwardHook;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What hooks see, when they are called, and that they change nothing. */
class ForwardHooksTest {
    private static final Path MODELS = Golden.resources().resolve("models");
    private static final BertInput ONE = BertInput.of(new int[][] {{1, 2, 3, 4, 5}, {9, 8, 7, 6, 5}})
            .withHiddenStates().withAttentions();

    static Stream<String> backends() {
        return GoldenModelsTest.backends().stream();
    }

    private static BertModel open(String backend) throws Exception {
        return BertModel.fromPretrained(MODELS.resolve("base"), LoadOptions.defaults().withBackend(backend));
    }

    /** A hook on every module that takes one; the outputs by path, and the paths that refused. */
    private static Set<String> hookAll(BertModule model, Map<String, Tensor> seen) {
        Set<String> refused = new TreeSet<>();
        model.namedModules().forEach((path, module) -> {
            try {
                module.registerForwardHook((from, output) -> {
                    assertSame(module, from);
                    assertEquals(null, seen.put(path, output), path + " was shown twice");
                });
            } catch (UnsupportedOperationException e) {
                assertTrue(e.getMessage().contains("has no output of its own"), e.getMessage());
                refused.add(path);
            }
        });
        return refused;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void hooksSeeEveryOutputOnceAndChangeNothing(String backend) throws Exception {
        try (BertModel model = open(backend); BertModel plain = open(backend)) {
            Map<String, Tensor> seen = new LinkedHashMap<>();
            Set<String> refused = hookAll(model, seen);
            BaseModelOutputWithPoolingAndCrossAttentions expected = plain.forward(ONE);
            BaseModelOutputWithPoolingAndCrossAttentions output = model.forward(ONE);

            Bits.assertSame(expected.lastHiddenState(), output.lastHiddenState(), "last hidden state");
            Bits.assertSame(expected.poolerOutput(), output.poolerOutput(), "pooler output");
            Set<String> all = new TreeSet<>(model.namedModules().keySet());
            all.removeAll(refused);
            assertEquals(all, new TreeSet<>(seen.keySet()));
            equal(output.hiddenStates().getFirst(), seen.get("embeddings"));
            equal(output.hiddenStates().getFirst(), seen.get("embeddings.LayerNorm"));
            for (int layer = 0; layer < 3; layer++) {
                equal(output.hiddenStates().get(layer + 1), seen.get("encoder.layer." + layer));
                equal(output.hiddenStates().get(layer + 1), seen.get("encoder.layer." + layer + ".output.LayerNorm"));
            }
            equal(output.lastHiddenState(), seen.get("encoder"));
            equal(output.poolerOutput(), seen.get("pooler"));
            assertArrayEquals(new int[] {2, 60}, seen.get("pooler").shape());
            assertArrayEquals(new int[] {10, 100}, seen.get("encoder.layer.1.intermediate").shape());
            Tensor attended = Tensor.of(seen.get("encoder.layer.1.attention").data(), 2, 5, 60);
            seen.clear();
            equal(plain.encoder().layer().get(1).intermediate().forward(attended),
                    model.encoder().layer().get(1).intermediate().forward(attended));
            assertEquals(Set.of("encoder.layer.1.intermediate", "encoder.layer.1.intermediate.intermediate_act_fn"),
                    seen.keySet());
        }
    }

    private static void equal(Tensor expected, Tensor actual) {
        assertArrayEquals(expected.data(), actual.data());
    }

    @Test
    void theProjectionsAreProducts() throws Exception {
        try (BertModel model = open("reference")) {
            Map<String, Tensor> seen = new LinkedHashMap<>();
            hookAll(model, seen);
            model.forward(ONE);
            Tensor x = seen.get("embeddings");
            for (String name : List.of("query", "key", "value")) {
                String path = "encoder.layer.0.attention.self." + name;
                Tensor weight = model.getParameter(path + ".weight");
                Tensor bias = model.getParameter(path + ".bias");
                for (int i = 0; i < 600; i++) {
                    double sum = bias.data()[i % 60];
                    for (int k = 0; k < 60; k++) {
                        sum += (double) weight.get(i % 60, k) * x.get(i / 60, k);
                    }
                    assertEquals(sum, seen.get(path).data()[i], 1e-5);
                }
            }
        }
    }

    @Test
    void whatHasNoOutputOfItsOwnTakesNoHook() throws Exception {
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(MODELS.resolve("head_masked_lm"))) {
            for (String path : List.of("", "bert", "bert.encoder.layer", "bert.embeddings.word_embeddings",
                    "bert.embeddings.dropout", "bert.encoder.layer.0.output.dense",
                    "cls.predictions.transform.dense")) {
                assertThrows(UnsupportedOperationException.class,
                        () -> model.getSubmodule(path).registerForwardHook((module, output) -> { }), path);
            }
            Map<String, Tensor> seen = new LinkedHashMap<>();
            hookAll(model, seen);
            Tensor logits = model.forward(BertInput.of(1, 2, 3)).logits();
            for (String path : List.of("cls", "cls.predictions", "cls.predictions.decoder")) {
                equal(logits, seen.get(path));
            }
            seen.clear();
            model.logitsAt(List.of(BertInput.of(1, 2, 3)), List.of(new int[] {1}));
            assertEquals(1, seen.get("cls").size(0));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void textsOfABatchLieOneAfterTheOther(String backend) throws Exception {
        try (BertModel model = open(backend)) {
            List<Tensor> seen = new ArrayList<>();
            model.getSubmodule("encoder.layer.1").registerForwardHook((module, output) -> seen.add(output));
            model.forward(BertInput.of(1, 2, 3));
            model.forward(BertInput.of(4, 5, 6, 7, 8));
            model.forward(List.of(BertInput.of(1, 2, 3), BertInput.of(4, 5, 6, 7, 8)));
            assertArrayEquals(new int[] {8, 60}, seen.get(2).shape());
            assertArrayEquals(seen.get(0).data(), Arrays.copyOf(seen.get(2).data(), 180));
            assertArrayEquals(seen.get(1).data(), Arrays.copyOfRange(seen.get(2).data(), 180, 480));
        }
    }

    @Test
    void aClosedHandleRemovesItsHookOnly() throws Exception {
        try (BertModel model = open("reference")) {
            AtomicInteger calls = new AtomicInteger();
            ForwardHook count = (module, output) -> calls.incrementAndGet();
            ForwardHook.Handle first = model.encoder().registerForwardHook(count);
            ForwardHook.Handle second = model.encoder().registerForwardHook(count);
            model.forward(ONE);
            assertEquals(2, calls.get());
            first.close();
            first.close();
            model.forward(ONE);
            assertEquals(3, calls.get());
            second.close();
            model.forward(ONE);
            assertEquals(3, calls.get());
            assertThrows(NullPointerException.class, () -> model.encoder().registerForwardHook(null));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void whatAHookDoesWithItsCopyOrThrowsHarmsNobody(String backend) throws Exception {
        try (BertModel model = open(backend)) {
            Tensor expected = model.forward(ONE).lastHiddenState();
            for (String path : List.of("embeddings", "encoder.layer.1.attention.self",
                    "encoder.layer.0.attention.self.query", "encoder.layer.1.attention.self.value",
                    "encoder.layer.2.output.LayerNorm", "encoder", "pooler.activation")) {
                BertModule module = model.getSubmodule(path);
                try (var _ = module.registerForwardHook((from, output) -> Arrays.fill(output.data(), 7))) {
                    Bits.assertSame(expected, model.forward(ONE).lastHiddenState(), path);
                }
                try (var _ = module.registerForwardHook((from, output) -> {
                    throw new IllegalStateException("enough");
                })) {
                    assertEquals("enough", assertThrows(IllegalStateException.class, () -> model.forward(ONE))
                            .getMessage());
                }
                Bits.assertSame(expected, model.forward(ONE).lastHiddenState(), "after " + path);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void hooksComeAndGoWhileOthersCall(String backend) throws Exception {
        try (BertModel model = open(backend); ExecutorService callers = Executors.newFixedThreadPool(4)) {
            Tensor expected = model.forward(ONE).lastHiddenState();
            AtomicInteger shown = new AtomicInteger();
            List<Future<?>> done = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                done.add(callers.submit(() -> {
                    for (int round = 0; round < 50; round++) {
                        BertModule layer = model.encoder().layer().get(round % 3);
                        try (var _ = layer.registerForwardHook((module, output) -> shown.incrementAndGet())) {
                            Bits.assertSame(expected, model.forward(ONE).lastHiddenState(), "round " + round);
                        }
                    }
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
            assertTrue(shown.get() >= 200, shown + " outputs");
            int before = shown.get();
            model.forward(ONE);
            assertEquals(before, shown.get(), "a hook was left behind");
        }
    }
}
