package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.PastKeyValues;
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
        return rows.length == 0 || rows[0] == null ? 0 : rows[0].length;
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
        int past = past(input);
        length(config, past, shape[1], input.positionIds() != null);
        if (input.tokenTypeIds() != null) {
            ids(input.tokenTypeIds(), "tokenTypeIds", shape[0], shape[1], config.typeVocabSize(), "type_vocab_size");
        }
        if (input.positionIds() != null) {
            ids(input.positionIds(), "positionIds", shape[0], shape[1], config.maxPositionEmbeddings(),
                    "max_position_embeddings");
        }
        attentionMask(input.attentionMask(), "attention mask", shape[0], shape[1], past + shape[1]);
        headMask(config, input.headMask(), true);
        decoder(config, input, shape);
        return shape;
    }

    /** Tokens that were seen before those of an input. */
    static int past(BertInput input) {
        return input.pastKeyValues() == null ? 0 : input.pastKeyValues().length();
    }

    private static void decoder(BertConfig config, BertInput input, int[] shape) {
        PastKeyValues past = input.pastKeyValues();
        if (past != null && past.texts() != shape[0]) {
            throw new IllegalArgumentException("pastKeyValues are of " + past.texts() + " texts, but the input has "
                    + shape[0] + ".");
        }
        Tensor states = input.encoderHiddenStates();
        if (!config.isDecoder()) {
            return;
        }
        if (states == null) {
            if (past != null && past.encoderLength() > 0) {
                throw new IllegalArgumentException("pastKeyValues come from calls with encoderHiddenStates; give them"
                        + " to this call, too.");
            }
            return;
        }
        if (!config.addCrossAttention()) {
            throw new IllegalArgumentException("encoderHiddenStates are given, but this decoder has no cross-attention"
                    + " (add_cross_attention).");
        }
        encoderStates(config, states, shape[0]);
        if (past != null && past.encoderLength() > 0 && past.encoderLength() != states.size(1)) {
            throw new IllegalArgumentException("pastKeyValues come from encoderHiddenStates of " + past.encoderLength()
                    + " tokens, but these have " + states.size(1) + ".");
        }
        attentionMask(input.encoderAttentionMask(), "encoder attention mask", shape[0], shape[1], states.size(1));
    }

    /** Checks that the states of an encoder are [texts, S, H]. */
    static void encoderStates(BertConfig config, Tensor states, int texts) {
        hiddenStates(config, states, "encoderHiddenStates");
        if (states.size(0) != texts || states.size(1) == 0) {
            throw new IllegalArgumentException("encoderHiddenStates has the shape " + Arrays.toString(states.shape())
                    + "; for " + texts + " texts it must be [" + texts + ", at least 1, " + config.hiddenSize()
                    + "].");
        }
    }

    private static void length(BertConfig config, int past, int tokens, boolean ownPositions) {
        if (!ownPositions && (long) past + tokens > config.maxPositionEmbeddings()) {
            throw new IllegalArgumentException("A text of " + (past > 0 ? past + " + " : "") + tokens
                    + " tokens is longer than this model can read, " + config.maxPositionEmbeddings()
                    + " tokens (max_position_embeddings); shorten or split it.");
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
            if (ids[row] == null) {
                throw new IllegalArgumentException("Row " + row + " of " + what + " is null.");
            }
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

    /** Checks that a mask, if there is one, is [texts, keys] or [texts, queries, keys]. */
    static void attentionMask(Tensor mask, String what, int texts, int queries, int keys) {
        if (mask == null || Arrays.equals(mask.shape(), new int[] {texts, keys})
                || Arrays.equals(mask.shape(), new int[] {texts, queries, keys})) {
            return;
        }
        throw new IllegalArgumentException("The " + what + " has the shape " + Arrays.toString(mask.shape()) + "; for "
                + texts + " texts of " + queries + " tokens" + (queries == keys ? "" : " that see " + keys)
                + " it must be [" + texts + ", " + keys + "] or [" + texts + ", " + queries + ", " + keys + "].");
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
