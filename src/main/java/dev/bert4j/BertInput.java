package dev.bert4j;

import java.util.Arrays;
import java.util.List;

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
 * @param encoderHiddenStates [B, S, H]: what a decoder with cross-attention looks at, or null to pass it over; a model
 *     that is no decoder ignores it
 * @param encoderAttentionMask [B, S] or [B, T, S]: as {@code attentionMask}, or null to see all of the S
 * @param pastKeyValues what a decoder kept of the P tokens before these, or null; {@code attentionMask} then is
 *     [B, P + T] or [B, T, P + T], and positions default to P … P + T − 1
 * @param useCache whether a decoder keeps keys and values for the next call, or null for what the config says
 * @param outputHiddenStates whether the hidden states of all layers are wanted
 * @param outputAttentions whether the attention probabilities are wanted
 */
public record BertInput(int[][] inputIds, Tensor inputsEmbeds, Tensor attentionMask, int[][] tokenTypeIds,
        int[][] positionIds, Tensor headMask, Tensor encoderHiddenStates, Tensor encoderAttentionMask,
        PastKeyValues pastKeyValues, Boolean useCache, boolean outputHiddenStates, boolean outputAttentions) {
    private static final BertInput EMPTY = new BertInput(null, null, null, null, null, null, null, null, null, null,
            false, false);

    /** A batch of texts of one length. */
    public static BertInput of(int[][] inputIds) {
        return EMPTY.withInputIds(inputIds);
    }

    /** One text. */
    public static BertInput of(int... inputIds) {
        return of(new int[][] {inputIds});
    }

    /** One tokenized text, or pair of texts. */
    public static BertInput of(Encoding encoding) {
        return of(List.of(encoding));
    }

    /**
     * A batch of tokenized texts that were padded to one length; nothing sees the padding. Texts that were not padded
     * go to a call as an input each.
     *
     * @throws IllegalArgumentException if there are none, or their lengths differ
     */
    public static BertInput of(List<Encoding> encodings) {
        int length = encodings.isEmpty() ? 0 : encodings.getFirst().size();
        int[][] ids = new int[encodings.size()][];
        int[][] types = new int[encodings.size()][];
        int[][] mask = new int[encodings.size()][];
        boolean padded = false;
        for (int i = 0; i < ids.length; i++) {
            Encoding encoding = encodings.get(i);
            if (encoding.size() != length) {
                throw new IllegalArgumentException("Encoding " + i + " has " + encoding.size() + " tokens, encoding 0"
                        + " has " + length + "; pad them to one length, or give each an input of its own.");
            }
            ids[i] = encoding.ids();
            types[i] = encoding.typeIds();
            mask[i] = encoding.attentionMask();
            padded |= Arrays.stream(mask[i]).anyMatch(seen -> seen == 0);
        }
        BertInput input = of(ids).withTokenTypeIds(types);
        return padded ? input.withAttentionMask(mask) : input;
    }

    /** Vectors [B, T, H] in place of the word lookup. */
    public static BertInput ofEmbeds(Tensor inputsEmbeds) {
        return EMPTY.withInputsEmbeds(inputsEmbeds);
    }

    /** With a mask [B, T] of ones and zeros. */
    public BertInput withAttentionMask(int[][] mask) {
        return withAttentionMask(matrix(mask));
    }

    private static Tensor matrix(int[][] rows) {
        int columns = rows.length == 0 || rows[0] == null ? 0 : rows[0].length;
        float[] values = new float[rows.length * columns];
        for (int row = 0; row < rows.length; row++) {
            if (rows[row] == null) {
                throw new IllegalArgumentException("Row " + row + " of the attention mask is null.");
            }
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

    /** With words [B, T]. */
    public BertInput withInputIds(int[][] ids) {
        return new BertInput(ids, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, headMask, encoderHiddenStates,
                encoderAttentionMask, pastKeyValues, useCache, outputHiddenStates, outputAttentions);
    }

    /** With vectors [B, T, H]. */
    public BertInput withInputsEmbeds(Tensor vectors) {
        return new BertInput(inputIds, vectors, attentionMask, tokenTypeIds, positionIds, headMask, encoderHiddenStates,
                encoderAttentionMask, pastKeyValues, useCache, outputHiddenStates, outputAttentions);
    }

    /** With a mask [B, T] or [B, T, T]. */
    public BertInput withAttentionMask(Tensor mask) {
        return new BertInput(inputIds, inputsEmbeds, mask, tokenTypeIds, positionIds, headMask, encoderHiddenStates,
                encoderAttentionMask, pastKeyValues, useCache, outputHiddenStates, outputAttentions);
    }

    /** With token types [B, T] or [1, T]. */
    public BertInput withTokenTypeIds(int[][] ids) {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, ids, positionIds, headMask, encoderHiddenStates,
                encoderAttentionMask, pastKeyValues, useCache, outputHiddenStates, outputAttentions);
    }

    /** With positions [B, T] or [1, T]. */
    public BertInput withPositionIds(int[][] ids) {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, ids, headMask, encoderHiddenStates,
                encoderAttentionMask, pastKeyValues, useCache, outputHiddenStates, outputAttentions);
    }

    /** With factors [heads] or [layers, heads] for the attention heads. */
    public BertInput withHeadMask(Tensor mask) {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, mask,
                encoderHiddenStates, encoderAttentionMask, pastKeyValues, useCache, outputHiddenStates,
                outputAttentions);
    }

    /** With the hidden states [B, S, H] of an encoder, for a decoder with cross-attention. */
    public BertInput withEncoderHiddenStates(Tensor states) {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, headMask, states,
                encoderAttentionMask, pastKeyValues, useCache, outputHiddenStates, outputAttentions);
    }

    /** With a mask [B, S] or [B, T, S] of the hidden states of an encoder. */
    public BertInput withEncoderAttentionMask(Tensor mask) {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, headMask,
                encoderHiddenStates, mask, pastKeyValues, useCache, outputHiddenStates, outputAttentions);
    }

    /** After the tokens of which a decoder kept this. */
    public BertInput withPastKeyValues(PastKeyValues past) {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, headMask,
                encoderHiddenStates, encoderAttentionMask, past, useCache, outputHiddenStates, outputAttentions);
    }

    /** Says whether a decoder keeps keys and values for the next call. */
    public BertInput withUseCache(boolean use) {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, headMask,
                encoderHiddenStates, encoderAttentionMask, pastKeyValues, use, outputHiddenStates, outputAttentions);
    }

    /** Asks for the hidden states of all layers. */
    public BertInput withHiddenStates() {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, headMask,
                encoderHiddenStates, encoderAttentionMask, pastKeyValues, useCache, true, outputAttentions);
    }

    /** Asks for the attention probabilities. */
    public BertInput withAttentions() {
        return new BertInput(inputIds, inputsEmbeds, attentionMask, tokenTypeIds, positionIds, headMask,
                encoderHiddenStates, encoderAttentionMask, pastKeyValues, useCache, outputHiddenStates, true);
    }

    /** One of the texts, without token types and positions. */
    BertInput text(int row) {
        return withInputIds(new int[][] {inputIds[row]}).withTokenTypeIds(null).withPositionIds(null)
                .withAttentionMask(row(attentionMask, row)).withEncoderHiddenStates(row(encoderHiddenStates, row))
                .withEncoderAttentionMask(row(encoderAttentionMask, row))
                .withPastKeyValues(pastKeyValues == null ? null : pastKeyValues.reorder(row));
    }

    private static Tensor row(Tensor tensor, int row) {
        return tensor == null ? null : tensor.rows(row, row + 1);
    }

    @Override
    public String toString() {
        int[] shape = inputIds != null ? new int[] {inputIds.length, inputIds.length == 0 ? 0 : inputIds[0].length}
                : inputsEmbeds == null ? new int[0] : inputsEmbeds.shape();
        return "BertInput" + Arrays.toString(shape);
    }
}
