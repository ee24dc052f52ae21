package dev.bert4j.model;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.Tensor;
import dev.bert4j.backend.AttentionMask;
import dev.bert4j.backend.AttentionSpec;
import dev.bert4j.backend.EmbeddingInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Inputs, checked against the config and laid one after the other: all texts of all inputs, without padding between.
 */
public final class Batch {
    private final BertConfig config;
    private final List<BertInput> inputs;
    private final int[] firstText;
    private final int[] lengths;
    private final int[] starts;

    private Batch(BertConfig config, List<BertInput> inputs, int[] firstText, int[] lengths, int[] starts) {
        this.config = config;
        this.inputs = inputs;
        this.firstText = firstText;
        this.lengths = lengths;
        this.starts = starts;
    }

    /**
     * Checks inputs and lays them out.
     *
     * @throws IllegalArgumentException if one of them is none that the config allows; the message says which and why
     */
    public static Batch of(BertConfig config, List<BertInput> inputs) {
        int[] firstText = new int[inputs.size() + 1];
        int[] lengths = new int[inputs.size()];
        for (int i = 0; i < lengths.length; i++) {
            if (inputs.get(i) == null) {
                throw new IllegalArgumentException("Input " + i + " is null.");
            }
            int[] shape = InputChecks.check(config, inputs.get(i));
            firstText[i + 1] = firstText[i] + shape[0];
            lengths[i] = shape[1];
        }
        if (firstText[inputs.size()] == 0) {
            throw new IllegalArgumentException("There must be at least one text.");
        }
        requireOneKind(config, inputs);
        int[] starts = new int[firstText[inputs.size()] + 1];
        for (int i = 0; i < inputs.size(); i++) {
            for (int text = firstText[i]; text < firstText[i + 1]; text++) {
                starts[text + 1] = Math.addExact(starts[text], lengths[i]);
            }
        }
        checkSize(starts[starts.length - 1], config.intermediateSize());
        return new Batch(config, List.copyOf(inputs), firstText, lengths, starts);
    }

    private static void requireOneKind(BertConfig config, List<BertInput> inputs) {
        BertInput first = inputs.getFirst();
        boolean decoder = config.isDecoder();
        for (BertInput input : inputs) {
            if ((input.inputIds() == null) != (first.inputIds() == null)) {
                throw new IllegalArgumentException("The inputs of one call must all have inputIds or all"
                        + " inputsEmbeds.");
            }
        }
        for (BertInput input : inputs) {
            if (decoder && (input.encoderHiddenStates() == null) != (first.encoderHiddenStates() == null)) {
                throw new IllegalArgumentException("The inputs of one call must all have encoderHiddenStates or none.");
            }
        }
    }

    /** The inputs. */
    public List<BertInput> inputs() {
        return inputs;
    }

    /** Tokens of all texts. */
    public int tokens() {
        return starts[starts.length - 1];
    }

    /** The number of the first text of an input among all texts. */
    public int firstText(int input) {
        return firstText[input];
    }

    /** Texts of an input. */
    public int texts(int input) {
        return firstText[input + 1] - firstText[input];
    }

    /** Texts of all inputs. */
    public int texts() {
        return starts.length - 1;
    }

    /** Tokens of each text of an input. */
    public int length(int input) {
        return lengths[input];
    }

    /** Where the tokens of an input begin. */
    public int start(int input) {
        return starts[firstText[input]];
    }

    /** The first token of every text. */
    public int[] firstTokens() {
        return Arrays.copyOf(starts, starts.length - 1);
    }

    /** Whether any input asks for hidden states. */
    public boolean wantsHiddenStates() {
        for (BertInput input : inputs) {
            if (input.outputHiddenStates()) {
                return true;
            }
        }
        return false;
    }

    /** Whether any input asks for attention probabilities. */
    public boolean wantsAttentions() {
        for (BertInput input : inputs) {
            if (input.outputAttentions()) {
                return true;
            }
        }
        return false;
    }

    /**
     * What the embeddings are looked up by; positions default to those behind {@code past} and what the inputs have
     * seen before.
     */
    public EmbeddingInput embeddingInput(int past) {
        int[] types = new int[tokens()];
        int[] positions = new int[tokens()];
        boolean ids = inputs.isEmpty() || inputs.getFirst().inputIds() != null;
        int[] words = ids ? new int[tokens()] : null;
        float[] vectors = ids ? null : new float[tokens() * config.hiddenSize()];
        for (int i = 0; i < inputs.size(); i++) {
            BertInput input = inputs.get(i);
            int length = length(i);
            int first = past + InputChecks.past(input);
            for (int row = 0; row < texts(i); row++) {
                int at = start(i) + row * length;
                for (int t = 0; t < length; t++) {
                    types[at + t] = pick(input.tokenTypeIds(), row, t, 0);
                    positions[at + t] = pick(input.positionIds(), row, t, first + t);
                }
                if (ids) {
                    System.arraycopy(input.inputIds()[row], 0, words, at, length);
                }
            }
            if (!ids) {
                float[] data = input.inputsEmbeds().data();
                System.arraycopy(data, 0, vectors, start(i) * config.hiddenSize(), data.length);
            }
        }
        return new EmbeddingInput(words, vectors, types, positions);
    }

    /** A matrix of one row serves all texts; none gives the default. */
    private static int pick(int[][] ids, int row, int t, int ifAbsent) {
        return ids == null ? ifAbsent : ids[ids.length == 1 ? 0 : row][t];
    }

    /** The head mask of the call, or null; all inputs share it. */
    public Tensor headMask() {
        Tensor mask = inputs.getFirst().headMask();
        for (BertInput input : inputs) {
            if (!same(mask, input.headMask())) {
                throw new IllegalArgumentException("The inputs of one call must all have the same headMask.");
            }
        }
        return mask;
    }

    private static boolean same(Tensor a, Tensor b) {
        return a == b || a != null && b != null && Arrays.equals(a.shape(), b.shape())
                && Arrays.equals(a.data(), b.data());
    }

    /** The tokens of the batch that are, for each input, those given. */
    public int[] tokenIndices(List<int[]> tokens) {
        if (tokens.size() != inputs.size()) {
            throw new IllegalArgumentException("tokens has " + tokens.size() + " entries for "
                    + inputs.size() + " inputs.");
        }
        IntStream.Builder all = IntStream.builder();
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i) == null) {
                throw new IllegalArgumentException("The tokens of input " + i + " are null.");
            }
            for (int token : tokens.get(i)) {
                if (token < 0 || token >= texts(i) * length(i)) {
                    throw new IndexOutOfBoundsException("Input " + i + " has no token " + token + "; it has "
                            + texts(i) * length(i) + ", from 0.");
                }
                all.add(start(i) + token);
            }
        }
        return all.build().toArray();
    }

    /** How the texts attend to themselves, and to what was seen of them before; without a head mask. */
    public AttentionSpec attention() {
        boolean past = false;
        for (BertInput input : inputs) {
            past |= input.pastKeyValues() != null;
        }
        int[] keyStarts = past ? keyStarts(i -> InputChecks.past(inputs.get(i)) + length(i)) : starts;
        boolean decoder = config.isDecoder();
        return spec(keyStarts, (i, row) -> Masks.of(inputs.get(i).attentionMask(), row, length(i),
                InputChecks.past(inputs.get(i)) + length(i), decoder));
    }

    /** How the texts attend to the states of an encoder, without a head mask; null if they do not. */
    public AttentionSpec crossAttention() {
        if (!config.isDecoder() || inputs.getFirst().encoderHiddenStates() == null) {
            return null;
        }
        IntUnaryOperator keys = i -> inputs.get(i).encoderHiddenStates().size(1);
        return spec(keyStarts(keys), (i, row) -> Masks.of(inputs.get(i).encoderAttentionMask(), row, length(i),
                keys.applyAsInt(i), false));
    }

    private int[] keyStarts(IntUnaryOperator keysOfInput) {
        int[] keyStarts = new int[starts.length];
        for (int i = 0; i < inputs.size(); i++) {
            for (int text = firstText[i]; text < firstText[i + 1]; text++) {
                keyStarts[text + 1] = Math.addExact(keyStarts[text], keysOfInput.applyAsInt(i));
            }
        }
        return keyStarts;
    }

    /** The mask of one of the texts of an input. */
    @FunctionalInterface
    private interface MaskOfText {
        AttentionMask of(int input, int row);
    }

    private AttentionSpec spec(int[] keyStarts, MaskOfText mask) {
        List<AttentionMask> masks = new ArrayList<>(texts());
        for (int i = 0; i < inputs.size(); i++) {
            for (int row = 0; row < texts(i); row++) {
                masks.add(mask.of(i, row));
            }
        }
        return new AttentionSpec(config.numAttentionHeads(), config.headSize(), starts, keyStarts, masks, null, null,
                !config.isDecoder());
    }

    /** Whether a decoder keeps keys and values of an input. */
    public boolean keeps(int input) {
        Boolean wish = inputs.get(input).useCache();
        return config.isDecoder() && (wish == null ? config.useCache() : wish);
    }

    /**
     * Checks that an array can hold {@code features} values for each of {@code tokens} tokens.
     *
     * @throws IllegalArgumentException if not
     */
    public static void checkSize(int tokens, int features) {
        long count = (long) tokens * features;
        if (count > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("The values of " + tokens + " tokens, " + features + " each, are "
                    + count + ", more than an array holds; run fewer texts at a time.");
        }
    }

    /** The part of [tokens, features] values that belongs to an input, as [B, T, features]. */
    public Tensor slice(float[] rows, int input, int features) {
        int from = start(input) * features;
        int count = texts(input) * length(input) * features;
        boolean all = from == 0 && count == rows.length;
        return Tensor.of(all ? rows : Arrays.copyOfRange(rows, from, from + count), texts(input), length(input),
                features);
    }
}
