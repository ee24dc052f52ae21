package dev.bert4j;

import java.util.Arrays;

/**
 * The arguments of a forward pass, named as in the reference: a batch of texts of one length, as a matrix.
 *
 * <p>Immutable; each {@code with…} returns a changed copy. Texts of different lengths need no padding: give each an
 * input of its own, and all of them to one call. Shapes: B texts, T tokens.
 *
 * <pre>{@code
 * BertInput input = BertInput.of(new int[][] {{101, 7592, 102}}).withAttentions();
 * }</pre>
 *
 * @param inputIds [B, T] rows of the word table, or null where {@code inputsEmbeds} takes their place
 * @param inputsEmbeds [B, T, H], or null
 * @param attentionMask [B, T] or [B, T, T] (query, key): 1 to see a token, 0 not to; or null to see all. The additive
 *     value is (1 − m) times the lowest finite float, so that a fraction masks as well as 0 does
 * @param tokenTypeIds [B, T] or [1, T], or null for 0
 * @param positionIds [B, T] or [1, T], or null for 0 … T − 1
 * @param headMask [heads] or [layers, heads]: factors of the attention probabilities, or null
 * @param outputHiddenStates whether the hidden states of all layers are wanted
 * @param outputAttentions whether the attention probabilities are wanted
 */
public record BertInput(int[][] inputIds, Tensor inputsEmbeds, Tensor attentionMask, int[][] tokenTypeIds,
        int[][] positionIds, Tensor headMask, boolean outputHiddenStates, boolean outputAttentions) {

    /** A batch of texts of one length. */
    public static BertInput of(int[][] inputIds) {
        return new BertInput(inputIds, null, null, null, null, null, false, false);
    }

    /** One text. */
    public static BertInput of(int... inputIds) {
        return of(new int[][] {inputIds});
    }

    /** One tokenized text, or pair of texts. */
    public static BertInput of(Encoding encoding) {
        return of(encoding.ids()).withTokenTypeIds(new int[][] {encoding.typeIds()});
    }

    /** Vectors [B, T, H] in place of the word lookup. */
    public static BertInput ofEmbeds(Tensor inputsEmbeds) {
        return new BertInput(null, inputsEmbeds, null, null, null, null, false, false);
    }

    /** With a mask [B, T] of ones and zeros. */
    public BertInput withAttentionMask(int[][] mask) {
        return withAttentionMask(matrix(mask));
    }

    private static Tensor matrix(int[][] rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        float[] values = new float[rows.length * columns];
        for (int row = 0; row < rows.length; row++) {
            if (rows[row].length != columns) {
                throw new IllegalArgumentException("Row " + row + " of the attention mask has " + rows[row].length
                        + " values, row 0 has " + columns + "; all must have the same number.");
            }
            for (int column = 0; column < columns; column++) {
                values[row * columns + column] = rows[row][column];
            }
        }
        return Tensor.of(values, rows.length, columns);
    }

    /** With a mask [B, T] or [B, T, T]. */
    public BertInput withAttentionMask(Tensor mask) {
        return new BertInput(inputIds, inputsEmbeds, mask, tokenTypeIds, positionIds, headMask, outputHiddenStates,
                outputAttentions);
    }

    /** With token types [B, T] or [1, T]. */
    public BertInput withTokenTypeIds(int[][] ids) {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, ids, positionIds, headMask, outputHiddenStates,
                outputAttentions);
    }

    /** With positions [B, T] or [1, T]. */
    public BertInput withPositionIds(int[][] ids) {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, ids, headMask, outputHiddenStates,
                outputAttentions);
    }

    /** With factors [heads] or [layers, heads] for the attention probabilities. */
    public BertInput withHeadMask(Tensor mask) {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, mask,
                outputHiddenStates, outputAttentions);
    }

    /** Asks for the hidden states of all layers. */
    public BertInput withHiddenStates() {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, headMask, true,
                outputAttentions);
    }

    /** Asks for the attention probabilities. */
    public BertInput withAttentions() {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, headMask,
                outputHiddenStates, true);
    }

    @Override
    public String toString() {
        int[] shape = inputIds != null ? new int[] {inputIds.length, inputIds.length == 0 ? 0 : inputIds[0].length}
                : inputsEmbeds == null ? new int[0] : inputsEmbeds.shape();
        return "BertInput" + Arrays.toString(shape);
    }
}
