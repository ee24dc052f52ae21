package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.Tensor;
import java.util.Arrays;

/** What must hold of arguments before anything is computed. */
final class InputChecks {
    private InputChecks() {
    }

    /** [B, T] of an input. */
    static int[] shape(BertInput input) {
        return input.inputIds() != null ? new int[] {input.inputIds().length, columns(input.inputIds())}
                : new int[] {input.inputsEmbeds().size(0), input.inputsEmbeds().size(1)};
    }

    private static int columns(int[][] rows) {
        return rows.length == 0 ? 0 : rows[0].length;
    }

    /** Checks everything and returns [B, T]. */
    static int[] check(BertConfig config, BertInput input) {
        if (input.inputIds() != null && input.inputsEmbeds() != null) {
            throw new IllegalArgumentException("You cannot specify both inputIds and inputsEmbeds at the same time.");
        }
        if (input.inputIds() == null && input.inputsEmbeds() == null) {
            throw new IllegalArgumentException("You have to specify either inputIds or inputsEmbeds.");
        }
        if (input.inputIds() == null) {
            hiddenStates(config, input.inputsEmbeds(), "inputsEmbeds");
        }
        int[] shape = shape(input);
        if (input.inputIds() != null) {
            ids(input.inputIds(), "inputIds", shape[0], shape[1], config.vocabSize(), "vocab_size");
        }
        if (shape[0] > 0 && shape[1] == 0) {
            throw new IllegalArgumentException("A text must have at least one token.");
        }
        length(config, shape[1], input.positionIds() != null);
        if (input.tokenTypeIds() != null) {
            ids(input.tokenTypeIds(), "tokenTypeIds", shape[0], shape[1], config.typeVocabSize(), "type_vocab_size");
        }
        if (input.positionIds() != null) {
            ids(input.positionIds(), "positionIds", shape[0], shape[1], config.maxPositionEmbeddings(),
                    "max_position_embeddings");
        }
        if (input.attentionMask() != null) {
            attentionMask(input.attentionMask(), shape[0], shape[1]);
        }
        headMask(config, input.headMask(), true);
        return shape;
    }

    private static void length(BertConfig config, int tokens, boolean ownPositions) {
        if (!ownPositions && tokens > config.maxPositionEmbeddings()) {
            throw new IllegalArgumentException("A text of " + tokens + " tokens is longer than this model can read, "
                    + config.maxPositionEmbeddings() + " tokens (max_position_embeddings); shorten or split it.");
        }
        int chunk = config.chunkSizeFeedForward();
        if (chunk > 0 && tokens % chunk != 0) {
            throw new IllegalArgumentException("A text of " + tokens + " tokens is not a multiple of the chunk size "
                    + chunk + " (chunk_size_feed_forward).");
        }
    }

    private static void ids(int[][] ids, String what, int texts, int length, int rows, String key) {
        boolean shared = ids.length == 1 && !what.equals("inputIds");
        if (ids.length != texts && !shared) {
            throw new IllegalArgumentException(what + " has " + ids.length + " rows for " + texts + " texts.");
        }
        for (int row = 0; row < ids.length; row++) {
            if (ids[row].length != length) {
                throw new IllegalArgumentException("Row " + row + " of " + what + " has " + ids[row].length
                        + " entries, but the texts of this input have " + length
                        + " tokens; give texts of different lengths an input each.");
            }
            for (int t = 0; t < length; t++) {
                if (ids[row][t] < 0 || ids[row][t] >= rows) {
                    throw new IllegalArgumentException(what + "[" + row + "][" + t + "] is " + ids[row][t]
                            + ", which is not in [0, " + rows + ") (" + key + ").");
                }
            }
        }
    }

    static void attentionMask(Tensor mask, int texts, int length) {
        int[] shape = mask.shape();
        boolean fits = Arrays.equals(shape, new int[] {texts, length})
                || Arrays.equals(shape, new int[] {texts, length, length});
        if (!fits) {
            String matrix = "[" + texts + ", " + length;
            throw new IllegalArgumentException("The attention mask has the shape " + Arrays.toString(shape) + "; for "
                    + texts + " texts of " + length + " tokens it must be " + matrix + "] or " + matrix + ", " + length
                    + "].");
        }
    }

    /** A head mask is [heads], or for all layers at once [layers, heads]. */
    static void headMask(BertConfig config, Tensor mask, boolean allLayers) {
        if (mask == null) {
            return;
        }
        int[] heads = {config.numAttentionHeads()};
        int[] layers = {config.numHiddenLayers(), config.numAttentionHeads()};
        if (!Arrays.equals(mask.shape(), heads) && !(allLayers && Arrays.equals(mask.shape(), layers))) {
            throw new IllegalArgumentException("The head mask has the shape " + Arrays.toString(mask.shape())
                    + " but must be " + Arrays.toString(heads)
                    + (allLayers ? " or " + Arrays.toString(layers) : "") + ".");
        }
    }

    /** Checks that x is [B, T, H]. */
    static void hiddenStates(BertConfig config, Tensor x, String what) {
        features(x, config.hiddenSize(), what);
    }

    /** Checks that x is [B, T, features]. */
    static void features(Tensor x, int features, String what) {
        if (x.rank() != 3 || x.size(2) != features) {
            throw new IllegalArgumentException(what + " has the shape " + Arrays.toString(x.shape())
                    + " but must be [texts, tokens, " + features + "].");
        }
    }

    /** Checks that x is [B, features]. */
    static void pooled(Tensor x, int features, String what) {
        if (x.rank() != 2 || x.size(1) != features) {
            throw new IllegalArgumentException(what + " has the shape " + Arrays.toString(x.shape())
                    + " but must be [texts, " + features + "].");
        }
    }
}
