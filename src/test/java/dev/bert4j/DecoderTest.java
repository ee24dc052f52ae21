package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bert4j.backend.NativeCpu;
import dev.bert4j.weights.CheckpointQuantizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Steps with a cache give the bits of one call, whatever the batch, and caches are immutable. */
class DecoderTest {
    private static final Path MODELS = Golden.resources().resolve("models");
    private static BertLMHeadModel self;
    private static BertLMHeadModel cross;

    @BeforeAll
    static void open() throws Exception {
        self = BertLMHeadModel.fromPretrained(MODELS.resolve("decoder_self"));
        cross = BertLMHeadModel.fromPretrained(MODELS.resolve("decoder_cross"));
    }

    @AfterAll
    static void close() {
        self.close();
        cross.close();
    }

    private static int[] ids(int seed, int length) {
        return new Random(seed).ints(length, 0, self.config().vocabSize()).toArray();
    }

    private static Tensor states(int seed, int texts, int length) {
        Random random = new Random(seed);
        float[] values = new float[texts * length * cross.config().hiddenSize()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, texts, length, cross.config().hiddenSize());
    }

    private static Tensor mask(int masked, int length) {
        float[] values = new float[length];
        Arrays.fill(values, masked, length, 1);
        return Tensor.of(values, 1, length);
    }

    @Test
    void stepsOfAnySizeGiveTheBitsOfOneCall() {
        for (int length : new int[] {1, 7, 39, 40}) {
            int[] ids = ids(length, length);
            Tensor whole = self.forward(BertInput.of(ids)).logits();
            for (int step : new int[] {1, 2, 5, 33}) {
                PastKeyValues past = null;
                for (int from = 0; from < length; from += step) {
                    int to = Math.min(from + step, length);
                    var output = self.forward(BertInput.of(Arrays.copyOfRange(ids, from, to)).withPastKeyValues(past));
                    Bits.assertSame(part(whole, from, to), output.logits(), "tokens " + from + " to " + to);
                    past = output.pastKeyValues();
                    assertEquals(to, past.length());
                }
            }
        }
    }

    /** The first step, which sees all that there is, is not taken for an encoder's. */
    @Test
    void stepsInFewBitsGiveTheBitsOfOneCall(@TempDir Path folder) throws Exception {
        NativeCpu.require();
        CheckpointQuantizer.quantize(MODELS.resolve("decoder_self"), folder, false, true, percent -> { });
        int[] ids = ids(3, 9);
        try (BertLMHeadModel model = BertLMHeadModel.fromPretrained(folder,
                LoadOptions.defaults().withBackend("nativecpu:int8"))) {
            Tensor whole = model.forward(BertInput.of(ids)).logits();
            for (Tensor mask : new Tensor[] {null, mask(0, 1), Tensor.of(new float[] {1}, 1, 1, 1)}) {
                BertInput first = BertInput.of(ids[0]);
                Bits.assertSame(part(whole, 0, 1), model.forward(mask == null ? first : first.withAttentionMask(mask))
                        .logits(), "with the mask " + mask);
            }
        }
    }

    /** Tokens [from, to) of a text's scores. */
    private static Tensor part(Tensor logits, int from, int to) {
        int words = logits.size(2);
        return Tensor.of(Arrays.copyOfRange(logits.data(), from * words, to * words), 1, to - from, words);
    }

    @Test
    void leftPaddedTextsStepByStep() {
        int[] ids = ids(1, 12);
        for (int padding : new int[] {1, 4, 11}) {
            Tensor whole = self.forward(BertInput.of(ids).withAttentionMask(mask(padding, 12))).logits();
            PastKeyValues past = null;
            for (int t = 0; t < 12; t++) {
                var output = self.forward(BertInput.of(ids[t]).withAttentionMask(mask(Math.min(padding, t + 1), t + 1))
                        .withPastKeyValues(past));
                past = output.pastKeyValues();
                // A token that sees none is uniform over all keys: in one call also over those behind it.
                if (t >= padding) {
                    Bits.assertSame(part(whole, t, t + 1), output.logits(), padding + " padded, token " + t);
                }
            }
        }
    }

    @Test
    void inputsOfOneCallMayHaveSeenDifferentlyMuch() {
        List<BertInput> begun = new ArrayList<>();
        for (int text = 0; text < 4; text++) {
            BertInput input = BertInput.of(ids(text, 3 + text)).withEncoderHiddenStates(states(text, 1, 2 + text));
            PastKeyValues past = text == 0 ? null
                    : cross.forward(input.withInputIds(new int[][] {ids(9, 5 * text)})).pastKeyValues();
            begun.add((text == 2 ? input.withAttentionMask(mask(2, 15)) : input).withPastKeyValues(past)
                    .withAttentions());
        }
        begun.set(3, begun.get(3).withUseCache(false));
        List<CausalLMOutputWithCrossAttentions> together = cross.forward(begun);
        for (int i = 0; i < begun.size(); i++) {
            var alone = cross.forward(begun.get(i));
            Bits.assertSame(alone.logits(), together.get(i).logits(), "text " + i);
            for (int layer = 0; layer < alone.attentions().size(); layer++) {
                Bits.assertSame(alone.attentions().get(layer), together.get(i).attentions().get(layer), "attention");
                Bits.assertSame(alone.crossAttentions().get(layer), together.get(i).crossAttentions().get(layer), "c");
            }
            assertEquals(i == 3, together.get(i).pastKeyValues() == null);
        }
        // One text has the keys of other states than it is given: they count, in a batch as alone.
        BertInput old = begun.get(1).withEncoderHiddenStates(states(77, 1, 3));
        Bits.assertSame(together.get(1).logits(), cross.forward(old).logits(), "kept keys of the encoder");
        Bits.assertSame(together.get(1).logits(), cross.forward(List.of(begun.get(0), old)).get(1).logits(), "beside");
        PastKeyValues kept = together.get(1).pastKeyValues();
        assertEquals(List.of(1, 9, 3, 2), List.of(kept.texts(), kept.length(), kept.encoderLength(), kept.numLayers()));
    }

    @Test
    void aCacheIsImmutableAndCanBeGoneOnFromTwice() {
        BertInput begin = BertInput.of(ids(1, 9));
        PastKeyValues past = self.forward(begin).pastKeyValues();
        List<Tensor> before = past.layer(1);
        Tensor first = self.forward(BertInput.of(7).withPastKeyValues(past)).logits();
        Tensor other = self.forward(BertInput.of(8, 9).withPastKeyValues(past)).logits();
        Bits.assertSame(first, self.forward(BertInput.of(7).withPastKeyValues(past)).logits(), "again");
        Bits.assertSame(other, self.forward(BertInput.of(8, 9).withPastKeyValues(past)).logits(), "the other again");
        for (int i = 0; i < 2; i++) {
            Bits.assertSame(before.get(i), past.layer(1).get(i), "what was kept");
        }
        assertEquals(9, past.length());
    }

    @Test
    void threadsGoOnFromTheSameCache() throws Exception {
        PastKeyValues past = self.forward(BertInput.of(ids(1, 30))).pastKeyValues();
        List<Tensor> expected = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            expected.add(self.forward(BertInput.of(i, i + 1, i + 2).withPastKeyValues(past)).logits());
        }
        try (var pool = Executors.newFixedThreadPool(4)) {
            List<Callable<Tensor>> calls = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int token = i;
                calls.add(() -> {
                    var step = self.forward(BertInput.of(token).withPastKeyValues(past));
                    return self.forward(BertInput.of(token + 1, token + 2).withPastKeyValues(step.pastKeyValues()))
                            .logits();
                });
            }
            List<Future<Tensor>> results = pool.invokeAll(calls);
            for (int i = 0; i < 40; i++) {
                Bits.assertSame(part(expected.get(i), 1, 3), results.get(i).get(), "thread's text " + i);
            }
        }
    }

    @Test
    void reorderedBeamsAreTheTextsThatTheyCameFrom() {
        BertInput two = BertInput.of(new int[][] {ids(1, 6), ids(2, 6)});
        PastKeyValues past = self.forward(two).pastKeyValues();
        int[][] next = {{3}, {4}, {5}};
        Tensor beams = self.forward(BertInput.of(next).withPastKeyValues(past.reorder(1, 0, 1))).logits();
        for (int beam = 0; beam < 3; beam++) {
            int[] text = Arrays.copyOf(ids(beam == 1 ? 1 : 2, 6), 7);
            text[6] = next[beam][0];
            Tensor whole = self.forward(BertInput.of(text)).logits();
            Bits.assertSame(part(whole, 6, 7).select(0), beams.select(beam), "beam " + beam);
        }
        assertThrows(IndexOutOfBoundsException.class, () -> past.reorder(2));
        assertEquals("At least one text must be left.",
                assertThrows(IllegalArgumentException.class, past::reorder).getMessage());
    }

    @Test
    void whatIsKeptAndWhen() throws Exception {
        BertInput input = BertInput.of(1, 2, 3);
        assertNotNull(self.forward(input).pastKeyValues());
        assertNull(self.forward(input.withUseCache(false)).pastKeyValues());
        assertNull(self.forward(List.of(BertInput.of(new int[0][]), input)).getFirst().pastKeyValues());
        assertNull(self.forward(input, new int[][] {{1, 2, 3}}).pastKeyValues());
        BertConfig without = self.config().with("use_cache", false);
        try (BertModel model = BertModel.fromPretrained(MODELS.resolve("decoder_self"),
                LoadOptions.defaults().withConfig(without).withoutPoolingLayer())) {
            assertNull(model.forward(input).pastKeyValues());
            assertEquals(3, model.forward(input.withUseCache(true)).pastKeyValues().length());
        }
        try (BertLMHeadModel encoder = BertLMHeadModel.fromPretrained(MODELS.resolve("head_lm_encoder"))) {
            assertNull(encoder.forward(input.withUseCache(true)).pastKeyValues());
        }
    }

    @Test
    void withPrunedHeadsAndOnBothBackendsAndSavedAndLoadedAgain(@TempDir Path folder) throws Exception {
        Path saved = folder.resolve("saved");
        BertInput input = BertInput.of(ids(3, 8)).withEncoderHiddenStates(states(2, 1, 5)).withAttentions();
        Tensor expected;
        try (BertLMHeadModel pruned = cross.pruneHeads(Map.of(1, Set.of(0, 2)))) {
            expected = pruned.forward(input).logits();
            pruned.savePretrained(saved);
            assertThrows(AssertionError.class,
                    () -> Bits.assertSame(cross.forward(input).logits(), expected, "pruning changes something"));
        }
        for (String backend : List.of("reference", "vector")) {
            try (BertLMHeadModel model = BertLMHeadModel.fromPretrained(saved,
                    LoadOptions.defaults().withBackend(backend))) {
                Bits.assertSame(expected, model.forward(input).logits(), backend);
                PastKeyValues past = null;
                for (int t = 0; t < 8; t++) {
                    var output = model.forward(input.withInputIds(new int[][] {{input.inputIds()[0][t]}})
                            .withPastKeyValues(past));
                    Bits.assertSame(part(expected, t, t + 1), output.logits(), backend + ", token " + t);
                    past = output.pastKeyValues();
                    assertArrayEquals(new int[] {1, 2, 1, t + 1}, output.attentions().get(1).shape());
                    assertArrayEquals(new int[] {1, 4, 1, 5}, output.crossAttentions().get(1).shape());
                }
                assertArrayEquals(new int[] {1, 2, 8, 12}, past.layer(1).get(0).shape());
                assertArrayEquals(new int[] {1, 4, 5, 12}, past.layer(1).get(3).shape());
            }
        }
    }

    @Test
    void whatIsNoNumberInALaterTokenDoesNotReachTheEarlierOnes() {
        float[] vectors = new float[20 * 48];
        Random random = new Random(5);
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = (float) random.nextGaussian();
        }
        BertInput good = BertInput.ofEmbeds(Tensor.of(vectors.clone(), 1, 20, 48));
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            vectors[19 * 48] = bad;
            Tensor logits = self.forward(BertInput.ofEmbeds(Tensor.of(vectors.clone(), 1, 20, 48))).logits();
            Bits.assertSame(part(self.forward(good).logits(), 0, 19), part(logits, 0, 19), bad + " in the last token");
            assertEquals(Float.NaN, logits.get(0, 19, 0));
        }
    }

    @Test
    void hooksSeeTheTokensOfAStep() {
        PastKeyValues past = self.forward(BertInput.of(ids(1, 6))).pastKeyValues();
        List<Tensor> seen = new ArrayList<>();
        try (var _ = self.getSubmodule("bert.encoder.layer.1.attention.self").registerForwardHook((module, output) ->
                seen.add(output))) {
            self.forward(BertInput.of(1, 2).withPastKeyValues(past));
        }
        assertEquals(1, seen.size());
        assertArrayEquals(new int[] {2, 48}, seen.getFirst().shape());
    }

    @Test
    void modulesOnTheirOwnAreThoseOfTheModel() {
        Tensor encoder = states(4, 2, 5);
        Tensor mask = Tensor.of(new float[] {1, 1, 1, 1, 0, 1, 1, 0, 0, 0}, 2, 5);
        float[] lower = new float[2 * 3 * 3];
        for (int i = 0; i < lower.length; i++) {
            lower[i] = i % 3 <= i / 3 % 3 ? 1 : 0;
        }
        Tensor causal = Tensor.of(lower, 2, 3, 3);
        BertInput input = BertInput.of(new int[][] {ids(1, 3), ids(2, 3)}).withEncoderHiddenStates(encoder)
                .withEncoderAttentionMask(mask).withAttentions().withHiddenStates();
        var whole = cross.bert().forward(input);
        Tensor x = whole.hiddenStates().getFirst();
        var all = cross.bert().encoder().forward(x, causal, null, encoder, mask, true, true);
        Bits.assertSame(whole.lastHiddenState(), all.lastHiddenState(), "encoder");
        Bits.assertSame(whole.attentions().get(1), all.attentions().get(1), "attentions");
        Bits.assertSame(whole.crossAttentions().get(1), all.crossAttentions().get(1), "cross-attentions");
        var layer = cross.bert().encoder().layer().get(0).forward(x, causal, null, encoder, mask, true);
        Bits.assertSame(whole.hiddenStates().get(1), layer.hiddenStates(), "layer");
        Bits.assertSame(whole.attentions().get(0), layer.attentions(), "attention");
        Bits.assertSame(whole.crossAttentions().get(0), layer.crossAttentions(), "cross-attention");
        for (int i = 0; i < 4; i++) {
            Bits.assertSame(whole.pastKeyValues().layer(0).get(i), layer.pastKeyValue().get(i), "kept " + i);
        }
        refused("encoderHiddenStates are given, but this BertLayer has no cross-attention (add_cross_attention).",
                () -> self.bert().encoder().layer().get(0).forward(x, null, null, encoder, null, false));
    }

    private static void refused(String sentence, Executable call) {
        assertEquals(sentence, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void labelsOfTheNextToken() {
        BertInput two = BertInput.of(new int[][] {{1, 2, 3}, {4, 5, 6}});
        assertEquals(Float.NaN, self.forward(BertInput.of(1), new int[][] {{1}}).loss().item());
        assertEquals(self.forward(two, new int[][] {{-100, 2, 3}, {-100, 5, -100}}).loss().item(),
                self.forward(two, new int[][] {{7, 2, 3}, {8, 5, -100}}).loss().item(), "the first never counts");
        self.forward(two, new int[][] {{999, 2, 3}, {-5, 5, 6}});
        refused("Row 1 of labels is null.", () -> self.forward(two, new int[][] {{1, 2, 3}, null}));
        refused("labels is null; without labels, call forward(input).", () -> self.forward(two, null));
        refused("labels[1][2] is 101, which is neither -100 nor in [0, 101).",
                () -> self.forward(two, new int[][] {{1, 2, 3}, {4, 5, 101}}));
        refused("labels has 1 rows for 2 texts.", () -> self.forward(two, new int[][] {{1, 2, 3}}));
    }

    @Test
    void wrongInputs() throws Exception {
        PastKeyValues past = self.forward(BertInput.of(ids(1, 6))).pastKeyValues();
        BertInput next = BertInput.of(1).withPastKeyValues(past);
        refused("pastKeyValues come from another model; what one model keeps means nothing to another.",
                () -> cross.forward(next));
        refused("pastKeyValues are of 1 texts, but the input has 2.",
                () -> self.forward(next.withInputIds(new int[][] {{1}, {2}})));
        refused("The attention mask has the shape [1, 1]; for 1 texts of 1 tokens that see 7 it must be [1, 7] or "
                + "[1, 1, 7].", () -> self.forward(next.withAttentionMask(mask(0, 1))));
        refused("A text of 6 + 35 tokens is longer than this model can read, 40 tokens (max_position_embeddings); "
                + "shorten or split it.", () -> self.forward(next.withInputIds(new int[1][35])));
        refused("Positions from 11 to 44 are not all in [0, 40) (max_position_embeddings).", () -> self.bert()
                .embeddings().forward(next.withInputIds(new int[1][34]).withAttentionMask((Tensor) null)
                        .withUseCache(true), 5));
        refused("encoderHiddenStates are given, but this decoder has no cross-attention (add_cross_attention).",
                () -> self.forward(BertInput.of(1).withEncoderHiddenStates(states(1, 1, 3))));
        BertInput crossed = BertInput.of(1, 2).withEncoderHiddenStates(states(1, 1, 3));
        refused("encoderHiddenStates has the shape [1, 3, 7] but must be [texts, tokens, 48].",
                () -> cross.forward(crossed.withEncoderHiddenStates(Tensor.of(new float[21], 1, 3, 7))));
        refused("encoderHiddenStates has the shape [2, 3, 48]; for 1 texts it must be [1, at least 1, 48].",
                () -> cross.forward(crossed.withEncoderHiddenStates(states(1, 2, 3))));
        refused("The encoder attention mask has the shape [3]; for 1 texts of 2 tokens that see 3 it must be [1, 3] or "
                + "[1, 2, 3].",
                () -> cross.forward(crossed.withEncoderAttentionMask(Tensor.of(new float[3], 3))));
        refused("The inputs of one call must all have encoderHiddenStates or none.",
                () -> cross.forward(List.of(crossed, BertInput.of(1))));
        PastKeyValues crossPast = cross.forward(crossed).pastKeyValues();
        refused("pastKeyValues come from calls with encoderHiddenStates; give them to this call, too.",
                () -> cross.forward(BertInput.of(1).withPastKeyValues(crossPast)));
        refused("pastKeyValues come from encoderHiddenStates of 3 tokens, but these have 4.", () -> cross.forward(
                BertInput.of(1).withEncoderHiddenStates(states(1, 1, 4)).withPastKeyValues(crossPast)));
        assertThrows(NullPointerException.class, () -> cross.bert().encoder().layer().get(0).crossattention()
                .forward(states(1, 1, 3), null, null, null, false));
    }
}
