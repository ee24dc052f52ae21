package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Texts written on by a language model: what is chosen, when it ends, and that a cache changes nothing. */
class GenerationTest {
    private static final Path MODELS = Golden.resources().resolve("models");
    private static final int[] PROMPT = {5, 17, 3};
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

    /** Greedy by hand: the whole text anew for every token. */
    private static int[] byHand(BertLMHeadModel model, BertInput input, int length) {
        int[] ids = input.inputIds()[0];
        int masked = input.attentionMask() == null ? 0 : 2;
        while (ids.length < length) {
            float[] mask = new float[ids.length];
            Arrays.fill(mask, masked, ids.length, 1);
            Tensor logits = model.forward(input.withInputIds(new int[][] {ids})
                    .withAttentionMask(Tensor.of(mask, 1, ids.length))).logits();
            float[] last = logits.select(0, ids.length - 1).data();
            int best = 0;
            for (int token = 1; token < last.length; token++) {
                best = last[token] > last[best] ? token : best;
            }
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = best;
        }
        return ids;
    }

    private static Tensor states(int length) {
        Random random = new Random(length);
        float[] values = new float[length * cross.config().hiddenSize()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, 1, length, cross.config().hiddenSize());
    }

    @Test
    void greedyTakesTheLikeliestWithAndWithoutACache() {
        BertInput padded = BertInput.of(0, 0, 5, 17, 3).withAttentionMask(new int[][] {{0, 0, 1, 1, 1}});
        BertInput crossed = BertInput.of(PROMPT).withEncoderHiddenStates(states(6));
        for (int length : new int[] {6, 20, 40}) {
            GenerationOptions options = GenerationOptions.greedy().withMaxLength(length);
            for (boolean cache : new boolean[] {true, false}) {
                assertArrayEquals(byHand(self, BertInput.of(PROMPT), length),
                        self.generate(BertInput.of(PROMPT).withUseCache(cache), options)[0]);
                assertArrayEquals(byHand(self, padded, length), self.generate(padded.withUseCache(cache), options)[0]);
                assertArrayEquals(byHand(cross, crossed, length),
                        cross.generate(crossed.withUseCache(cache), options)[0]);
            }
        }
        assertEquals(20, self.generate(BertInput.of(PROMPT), GenerationOptions.greedy())[0].length);
        assertEquals(7, self.generate(BertInput.of(PROMPT), GenerationOptions.greedy().withMaxNewTokens(4))[0].length);
    }

    @Test
    void aModelThatIsNoDecoderWritesOnWithoutACache() throws Exception {
        try (BertLMHeadModel encoder = BertLMHeadModel.fromPretrained(MODELS.resolve("head_lm_encoder"))) {
            assertArrayEquals(byHand(encoder, BertInput.of(PROMPT), 12),
                    encoder.generate(BertInput.of(PROMPT), GenerationOptions.greedy().withMaxLength(12))[0]);
        }
    }

    @Test
    void textsOfABatchDoNotDisturbEachOther() {
        GenerationOptions options = GenerationOptions.greedy().withMaxNewTokens(15);
        int[][] prompts = {{5}, {1, 2, 3, 4, 5, 6}, PROMPT, {99, 98}};
        List<BertInput> inputs = Arrays.stream(prompts).map(BertInput::of).toList();
        List<int[][]> together = self.generate(inputs, options);
        for (int i = 0; i < prompts.length; i++) {
            assertArrayEquals(self.generate(inputs.get(i), options)[0], together.get(i)[0]);
        }
        int[][] rows = self.generate(BertInput.of(new int[][] {{5, 6}, {99, 98}}), options);
        assertArrayEquals(together.get(3)[0], rows[1]);
        assertArrayEquals(self.generate(BertInput.of(5, 6), options)[0], rows[0]);
    }

    @Test
    void aTextEndsBehindItsEndToken() throws Exception {
        int[] free = self.generate(BertInput.of(PROMPT), GenerationOptions.greedy())[0];
        int end = free[8];
        int first = 3;
        while (free[first] != end) {
            first++;
        }
        int[] expected = Arrays.copyOf(free, first + 1);
        assertArrayEquals(expected, self.generate(BertInput.of(PROMPT),
                GenerationOptions.greedy().withEosTokenIds(end))[0]);
        // The others go on, and an end token in the prompt ends nothing.
        int[][] two = self.generate(BertInput.of(new int[][] {PROMPT, {end, 2, end}}),
                GenerationOptions.greedy().withEosTokenIds(end, end == 0 ? 1 : 0));
        assertTrue(two[0].length <= expected.length && two[1].length > 3);
        BertConfig config = self.config().with("eos_token_id", end);
        try (BertLMHeadModel model = BertLMHeadModel.fromPretrained(MODELS.resolve("decoder_self"),
                LoadOptions.defaults().withConfig(config))) {
            assertArrayEquals(expected, model.generate(BertInput.of(PROMPT), GenerationOptions.greedy())[0]);
            assertArrayEquals(free, model.generate(BertInput.of(PROMPT),
                    GenerationOptions.greedy().withEosTokenIds())[0]);
        }
    }

    @Test
    void theSameSeedDrawsTheSameTokens() {
        BertInput input = BertInput.of(new int[][] {PROMPT, PROMPT});
        GenerationOptions options = GenerationOptions.sampling(1).withTopK(0);
        int[][] texts = self.generate(input, options);
        assertArrayEquals(texts, self.generate(input, options));
        assertArrayEquals(texts, self.generate(input.withUseCache(false), options));
        assertFalse(Arrays.equals(texts[0], texts[1]), "texts draw on their own");
        assertFalse(Arrays.deepEquals(texts, self.generate(input, GenerationOptions.sampling(2).withTopK(0))));
        assertArrayEquals(self.generate(input, GenerationOptions.greedy()),
                self.generate(input, GenerationOptions.sampling(3).withTopK(1)));
    }

    @Test
    void goingOnFromACache() {
        PastKeyValues past = self.forward(BertInput.of(PROMPT)).pastKeyValues();
        int[] whole = self.generate(BertInput.of(5, 17, 3, 8), GenerationOptions.greedy())[0];
        for (boolean cache : new boolean[] {true, false}) {
            assertArrayEquals(Arrays.copyOfRange(whole, 3, 20), self.generate(
                    BertInput.of(8).withPastKeyValues(past).withUseCache(cache), GenerationOptions.greedy())[0]);
        }
    }

    private static int[] counts(float[] logits, GenerationOptions options) {
        int[] counts = new int[logits.length];
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 100_000; i++) {
            counts[TokenChoice.choose(logits, options, random)]++;
        }
        return counts;
    }

    @Test
    void tokensAreDrawnByTheirProbabilities() {
        float[] logits = {(float) Math.log(0.1), (float) Math.log(0.4), Float.NEGATIVE_INFINITY,
            (float) Math.log(0.3), (float) Math.log(0.2)};
        GenerationOptions all = GenerationOptions.sampling(0).withTopK(0);
        // Five standard deviations of a count of 100,000 are less than 800.
        check(counts(logits, all), 0.1, 0.4, 0, 0.3, 0.2);
        check(counts(logits, all.withTopK(2)), 0, 4 / 7.0, 0, 3 / 7.0, 0);
        check(counts(logits, all.withTopP(0.69)), 0, 4 / 7.0, 0, 3 / 7.0, 0);
        check(counts(logits, all.withTopP(0.71)), 0, 4 / 9.0, 0, 3 / 9.0, 2 / 9.0);
        check(counts(logits, all.withTopP(1e-9)), 0, 1, 0, 0, 0);
        check(counts(logits, all.withTopK(3).withTopP(0.5)), 0, 4 / 7.0, 0, 3 / 7.0, 0);
        check(counts(logits, all.withTemperature(0.5)), 0.01 / 0.3, 0.16 / 0.3, 0, 0.09 / 0.3, 0.04 / 0.3);
        check(counts(new float[] {1, 2, 2, 2, -1}, all.withTopK(2)), 0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 0);
        check(counts(new float[] {-0f, 0f, -3e38f, 3e38f, 3e38f}, all), 0, 0, 0, 0.5, 0.5);
    }

    private static void check(int[] counts, double... probabilities) {
        for (int token = 0; token < counts.length; token++) {
            assertEquals(probabilities[token] * 100_000, counts[token], probabilities[token] == 0 ? 0 : 800,
                    "token " + token + " of " + Arrays.toString(counts));
        }
    }

    @Test
    void ofEqualScoresGreedyTakesTheFirstAndNoNumberIsRefused() {
        assertEquals(1, TokenChoice.choose(new float[] {0, 3, 3}, GenerationOptions.greedy(), null));
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            assertEquals("The score of token 1 is " + bad + "; the weights of this model are damaged or too large.",
                    assertThrows(ArithmeticException.class, () -> TokenChoice.choose(new float[] {0, bad},
                            GenerationOptions.greedy(), null)).getMessage());
        }
    }

    @Test
    void topKDrawsNothingElse() {
        Set<Integer> drawn = new HashSet<>();
        float[] logits = new float[1000];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = i * 37 % 1000 / 500f - 1;
        }
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 5000; i++) {
            drawn.add(TokenChoice.choose(logits, GenerationOptions.sampling(0), random));
        }
        assertEquals(50, drawn.size());
        assertTrue(drawn.stream().allMatch(token -> logits[token] >= 949 / 500f - 1));
    }

    @Test
    void everyTextOfABatchHasItsOwnMaskAndStatesAndPast() {
        int[][] ids = {{0, 7, 3}, {9, 1, 2}, {0, 0, 5}};
        int[][] mask = {{0, 1, 1}, {1, 1, 1}, {0, 0, 1}};
        Tensor states = states(15);
        Tensor all = Tensor.of(states.data(), 3, 5, states.size(2));
        Tensor seen = Tensor.of(new float[] {1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1}, 3, 5);
        BertInput input = BertInput.of(ids).withAttentionMask(mask).withEncoderHiddenStates(all)
                .withEncoderAttentionMask(seen);
        GenerationOptions options = GenerationOptions.greedy().withMaxNewTokens(9);
        int[][] texts = cross.generate(input, options);
        PastKeyValues past = cross.forward(input).pastKeyValues();
        BertInput next = input.withInputIds(new int[][] {{4}, {5}, {6}})
                .withAttentionMask(new int[][] {{0, 1, 1, 1}, {1, 1, 1, 1}, {0, 0, 1, 1}}).withPastKeyValues(past);
        int[][] behind = cross.generate(next, options);
        for (int i = 0; i < 3; i++) {
            BertInput one = BertInput.of(ids[i]).withAttentionMask(new int[][] {mask[i]})
                    .withEncoderHiddenStates(all.rows(i, i + 1)).withEncoderAttentionMask(seen.rows(i, i + 1));
            assertArrayEquals(cross.generate(one, options)[0], texts[i]);
            BertInput longer = one.withInputIds(new int[][] {Arrays.copyOf(ids[i], 4)})
                    .withAttentionMask(new int[][] {Arrays.copyOf(mask[i], 4)});
            longer.inputIds()[0][3] = 4 + i;
            longer.attentionMask().data()[3] = 1;
            int[] whole = cross.generate(longer, options)[0];
            assertArrayEquals(Arrays.copyOfRange(whole, 3, whole.length), behind[i]);
        }
    }

    @Test
    void whatAPassIgnoresMayHaveAnyShape() throws Exception {
        GenerationOptions greedy = GenerationOptions.greedy().withMaxLength(6);
        Tensor odd = Tensor.of(new float[1]);
        try (BertLMHeadModel encoder = BertLMHeadModel.fromPretrained(MODELS.resolve("head_lm_encoder"))) {
            assertArrayEquals(encoder.generate(BertInput.of(PROMPT), greedy), encoder.generate(
                    BertInput.of(PROMPT).withEncoderHiddenStates(odd).withEncoderAttentionMask(odd), greedy));
        }
        assertArrayEquals(cross.generate(BertInput.of(PROMPT), greedy),
                cross.generate(BertInput.of(PROMPT).withEncoderAttentionMask(odd), greedy));
    }

    private static void refused(String sentence, Executable call) {
        assertEquals(sentence, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void whatCannotBeGoneOnWith() throws Exception {
        GenerationOptions greedy = GenerationOptions.greedy();
        BertInput input = BertInput.of(PROMPT);
        refused("The prompt has 3 tokens, which leaves none to write of the maxLength of 3; raise it, or use "
                + "maxNewTokens.", () -> self.generate(input, greedy.withMaxLength(3)));
        refused("Texts of up to 41 tokens are asked for, but this model can read 40 (max_position_embeddings).",
                () -> self.generate(input, greedy.withMaxNewTokens(38)));
        refused("generate needs inputIds: inputsEmbeds say no words to write behind.", () -> self.generate(
                BertInput.ofEmbeds(Tensor.of(new float[48], 1, 1, 48)), greedy));
        refused("generate counts positions itself; leave positionIds out.",
                () -> self.generate(input.withPositionIds(new int[][] {{0, 1, 2}}), greedy));
        refused("generate gives all tokens the type 0; leave tokenTypeIds out.",
                () -> self.generate(input.withTokenTypeIds(new int[][] {{0, 0, 1}}), greedy));
        assertEquals(20, self.generate(input.withTokenTypeIds(new int[][] {{0, 0, 0}}), greedy)[0].length);
        refused("generate takes attention masks [texts, tokens] only: one for every query says nothing of the tokens to"
                + " come.", () -> self.generate(input.withAttentionMask(Tensor.of(new float[9], 1, 3, 3)), greedy));
        refused("inputIds[0][1] is 101, which is not in [0, 101) (vocab_size).",
                () -> self.generate(BertInput.of(1, 101), greedy));
        try (BertLMHeadModel chunked = BertLMHeadModel.fromPretrained(MODELS.resolve("decoder_self"),
                LoadOptions.defaults().withConfig(self.config().with("chunk_size_feed_forward", 2)))) {
            refused("generate goes on token by token, but this model takes only texts that are multiples of 2 tokens "
                    + "(chunk_size_feed_forward); set it to 0, which changes no number.",
                    () -> chunked.generate(input, greedy));
        }
        refused("The end token 101 is not in [0, 101) (vocab_size).",
                () -> self.generate(input, greedy.withEosTokenIds(5, 101, 5)));
        refused("There must be at least one text.", () -> self.generate(BertInput.of(new int[0][]), greedy));
        refused("topP is 0.0 but must be greater than 0 and at most 1.", () -> greedy.withTopP(0));
        refused("topP is NaN but must be greater than 0 and at most 1.", () -> greedy.withTopP(Double.NaN));
        refused("temperature is 0.0 but must be a number greater than 0.", () -> greedy.withTemperature(0));
        refused("topK is -1 but must be at least 1, or 0 for all tokens.", () -> greedy.withTopK(-1));
        refused("maxLength is 0 but must be at least 1.", () -> greedy.withMaxLength(0));
        refused("maxNewTokens is -1 but must be at least 1, or 0 to let maxLength say it.",
                () -> greedy.withMaxNewTokens(-1));
    }
}
