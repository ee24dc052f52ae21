package dev.bert4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Wrong input, as in the reference's errors.json: what is wrong, where, and what would be right. */
class InputErrorsTest {
    private static final int[][] IDS = {{1, 2, 3}};
    private static BertModel model;
    private static BertInput good;

    @BeforeAll
    static void open() throws Exception {
        model = BertModel.fromPretrained(Golden.resources().resolve("models").resolve("base"));
        good = BertInput.of(IDS);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static void refused(String sentence, Executable call) {
        assertEquals(sentence, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static void refused(String sentence, BertInput input) {
        refused(sentence, () -> model.forward(input));
        refused(sentence, () -> model.forward(List.of(good, input)));
    }

    /** With ids and vectors, of which there should be one. */
    static BertInput input(int[][] ids, Tensor embeds) {
        return BertInput.of(ids).withInputsEmbeds(embeds);
    }

    static Tensor ones(int... shape) {
        int count = 1;
        for (int size : shape) {
            count *= size;
        }
        float[] values = new float[count];
        Arrays.fill(values, 1);
        return Tensor.of(values, shape);
    }

    @Test
    void idsAndEmbeddings() {
        refused("You cannot specify both inputIds and inputsEmbeds at the same time.", input(IDS, ones(1, 3, 60)));
        refused("You have to specify either inputIds or inputsEmbeds.", input(null, null));
        refused("inputsEmbeds has the shape [1, 3, 7] but must be [texts, tokens, 60].",
                BertInput.ofEmbeds(ones(1, 3, 7)));
        refused("inputsEmbeds has the shape [3, 60] but must be [texts, tokens, 60].", BertInput.ofEmbeds(ones(3, 60)));
        refused("The inputs of one call must all have inputIds or all inputsEmbeds.",
                () -> model.forward(List.of(good, BertInput.ofEmbeds(ones(1, 3, 60)))));
    }

    @Test
    void idsOutOfRange() {
        refused("inputIds[0][1] is 131, which is not in [0, 131) (vocab_size).", BertInput.of(1, 131));
        refused("inputIds[1][0] is -1, which is not in [0, 131) (vocab_size).",
                BertInput.of(new int[][] {{130, 0}, {-1, 0}}));
        refused("tokenTypeIds[0][1] is 2, which is not in [0, 2) (type_vocab_size).",
                good.withTokenTypeIds(new int[][] {{0, 2, 0}}));
        refused("positionIds[0][2] is 64, which is not in [0, 64) (max_position_embeddings).",
                good.withPositionIds(new int[][] {{0, 1, 64}}));
    }

    @Test
    void idsOfAnotherShape() {
        refused("Row 1 of inputIds has 1 entries, but the texts of this input have 2 tokens; give texts of different "
                + "lengths an input each.", BertInput.of(new int[][] {{1, 2}, {3}}));
        refused("tokenTypeIds has 3 rows for 2 texts.",
                BertInput.of(new int[][] {{1}, {2}}).withTokenTypeIds(new int[][] {{0}, {0}, {0}}));
        refused("Row 0 of positionIds has 4 entries, but the texts of this input have 3 tokens; give texts of "
                + "different lengths an input each.", good.withPositionIds(new int[][] {{0, 1, 2, 3}}));
        refused("A text must have at least one token.", BertInput.of(new int[][] {{}}));
        refused("Row 0 of inputIds is null.", BertInput.of(new int[][] {null}));
        refused("Row 1 of the attention mask is null.",
                () -> BertInput.of(IDS).withAttentionMask(new int[][] {{1, 1, 1}, null}));
        refused("Input 1 is null.", () -> model.forward(Arrays.asList(good, null)));
        refused("The tokens of input 1 are null.",
                () -> model.lastHiddenStateAt(List.of(good, good), Arrays.asList(new int[] {0}, null)));
        assertEquals("Input 1 has no token 9; it has 3, from 0.", assertThrows(IndexOutOfBoundsException.class,
                () -> model.lastHiddenStateAt(List.of(good, good), List.of(new int[] {0}, new int[] {9})))
                .getMessage());
        refused("Row 1 of tokenTypeIds is null.",
                BertInput.of(new int[][] {{1}, {2}}).withTokenTypeIds(new int[][] {{0}, null}));
        refused("There must be at least one text.", () -> model.forward(BertInput.of(new int[0][])));
        refused("There must be at least one text.", () -> model.forward(List.of()));
        BertInput none = BertInput.of(new int[0][]).withAttentions();
        for (List<BertInput> inputs : List.of(List.of(none, good), List.of(good, none))) {
            int last = inputs.indexOf(none);
            assertEquals(0, model.forward(inputs).get(last).attentions().getFirst().size(0));
        }
    }

    @Test
    void masksOfAnotherShape() {
        String right = "; for 1 texts of 3 tokens it must be [1, 3] or [1, 3, 3].";
        for (int[] shape : new int[][] {{1, 1, 3, 3}, {3}, {1, 4}, {2, 3}, {1, 3, 4}}) {
            refused("The attention mask has the shape " + Arrays.toString(shape) + right,
                    good.withAttentionMask(ones(shape)));
        }
        refused("Row 1 of the attention mask has 1 values, row 0 has 2; all must have the same number.",
                () -> good.withAttentionMask(new int[][] {{1, 1}, {1}}));
    }

    @Test
    void headMasks() {
        for (int[] shape : new int[][] {{1, 1, 1}, {4}, {2, 5}, {5, 3}}) {
            refused("The head mask has the shape " + Arrays.toString(shape) + " but must be [5] or [3, 5].",
                    good.withHeadMask(ones(shape)));
        }
        refused("The inputs of one call must all have the same headMask.",
                () -> model.forward(List.of(good, good.withHeadMask(ones(5)))));
        assertEquals(2, model.forward(List.of(good.withHeadMask(ones(5)), good.withHeadMask(ones(5)))).size());
    }

    @Test
    void lengths() throws Exception {
        refused("A text of 65 tokens is longer than this model can read, 64 tokens (max_position_embeddings); shorten "
                + "or split it.", BertInput.of(new int[1][65]));
        for (int chunk : new int[] {2, 4}) {
            BertConfig config = model.config().with("chunk_size_feed_forward", chunk);
            try (BertModel chunked = BertModel.fromPretrained(Golden.resources().resolve("models").resolve("base"),
                    LoadOptions.defaults().withConfig(config))) {
                refused("A text of 3 tokens is not a multiple of the chunk size " + chunk
                        + " (chunk_size_feed_forward).",
                        () -> chunked.forward(good));
            }
        }
        refused("Positions from 60 to 64 are not all in [0, 64) (max_position_embeddings).",
                () -> model.embeddings().forward(BertInput.of(1, 2, 3, 4, 5), 60));
        refused("Positions from -1 to 1 are not all in [0, 64) (max_position_embeddings).",
                () -> model.embeddings().forward(good, -1));
    }

    @Test
    void textsWithoutTokens() {
        String sentence = "There must be at least one text, and a text must have at least one token.";
        int features = model.config().hiddenSize();
        model.forward(good);
        refused(sentence, () -> model.pooler().forward(Tensor.of(new float[0], 2, 0, features)));
        refused(sentence, () -> model.encoder().layer().get(0).intermediate()
                .forward(Tensor.of(new float[0], 0, 3, features)));
    }

    @Test
    void partsOfTheModel() {
        var layer = model.encoder().layer().get(0);
        refused("The input of BertEncoder has the shape [1, 3, 7] but must be [texts, tokens, 60].",
                () -> model.encoder().forward(ones(1, 3, 7), null, null, false, false));
        refused("The input of BertOutput has the shape [1, 3, 60] but must be [texts, tokens, 100].",
                () -> layer.output().forward(ones(1, 3, 60), ones(1, 3, 60)));
        refused("The residual of BertOutput has the shape [1, 3, 7] but must be [texts, tokens, 60].",
                () -> layer.output().forward(ones(1, 3, 100), ones(1, 3, 7)));
        refused("x and the residual of BertOutput differ in shape: Tensor[1, 3, 100] and Tensor[1, 2, 60].",
                () -> layer.output().forward(ones(1, 3, 100), ones(1, 2, 60)));
        refused("The head mask has the shape [3, 5] but must be [5].",
                () -> layer.forward(ones(1, 3, 60), null, ones(3, 5), false));
        refused("The attention mask has the shape [1, 4]; for 1 texts of 3 tokens it must be [1, 3] or [1, 3, 3].",
                () -> layer.forward(ones(1, 3, 60), ones(1, 4), null, false));
        refused("The input of BertPooler has the shape [1, 60] but must be [texts, tokens, 60].",
                () -> model.pooler().forward(ones(1, 60)));
    }

    @Test
    void labelsAndTokensOfTheHeadForMaskedWords() throws Exception {
        try (BertForMaskedLM head = BertForMaskedLM.fromPretrained(
                Golden.resources().resolve("models").resolve("head_masked_lm"))) {
            int vocabulary = head.config().vocabSize();
            refused("labels[0][2] is 9999, which is neither -100 nor in [0, " + vocabulary + ").",
                    () -> head.forward(good, new int[][] {{1, 2, 9999}}));
            refused("labels has 2 rows for 1 texts.", () -> head.forward(good, new int[2][3]));
            refused("Row 0 of labels has 4 entries for 3 tokens.", () -> head.forward(good, new int[1][4]));
            refused("tokens has 2 entries for 1 inputs.",
                    () -> head.logitsAt(List.of(good), List.of(new int[] {0}, new int[] {1})));
            assertThrows(IndexOutOfBoundsException.class,
                    () -> head.logitsAt(List.of(good), List.of(new int[] {3})));
        }
    }
}
