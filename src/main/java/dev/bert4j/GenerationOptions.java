package dev.bert4j;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How {@link BertLMHeadModel#generate} writes on. Immutable; each {@code with…} returns a changed copy.
 *
 * @param maxLength tokens that a text may have in the end, its prompt included; at least 1
 * @param maxNewTokens tokens that may be written at most, at least 1; or 0 to let {@code maxLength} say it
 * @param eosTokenIds the tokens that end a text, or null for the config's {@code eos_token_id}, if it has any
 * @param sample whether tokens are drawn by their probabilities, or the likeliest is taken (of equal ones the first)
 * @param temperature what scores are divided by before tokens are drawn, above 0: below 1 the likely get likelier
 * @param topK draws from that many of the likeliest tokens only (more, if they are as likely as the last); 0 for all
 * @param topP then from the fewest of the likeliest whose probabilities add up to at least that, in (0, 1]; 1 for all
 * @param seed what the drawn tokens depend on; the same seed draws the same tokens again
 */
public record GenerationOptions(int maxLength, int maxNewTokens, Set<Integer> eosTokenIds, boolean sample,
        double temperature, int topK, double topP, long seed) {
    /** The reference's. */
    private static final int DEFAULT_MAX_LENGTH = 20;
    private static final int DEFAULT_TOP_K = 50;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a value lies outside
     */
    public GenerationOptions {
        require(maxLength >= 1, "maxLength", maxLength, "at least 1");
        require(maxNewTokens >= 0, "maxNewTokens", maxNewTokens, "at least 1, or 0 to let maxLength say it");
        require(temperature > 0 && temperature < Double.POSITIVE_INFINITY, "temperature", temperature,
                "a number greater than 0");
        require(topK >= 0, "topK", topK, "at least 1, or 0 for all tokens");
        require(topP > 0 && topP <= 1, "topP", topP, "greater than 0 and at most 1");
        eosTokenIds = eosTokenIds == null ? null : Set.copyOf(eosTokenIds);
    }

    private static void require(boolean holds, String name, Object value, String right) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + " but must be " + right + ".");
        }
    }

    /** Always the likeliest token, up to 20 tokens with the prompt. */
    public static GenerationOptions greedy() {
        return new GenerationOptions(DEFAULT_MAX_LENGTH, 0, null, false, 1, 0, 1, 0);
    }

    /** Tokens drawn from the 50 likeliest by a seed, up to 20 tokens with the prompt. */
    public static GenerationOptions sampling(long seed) {
        return new GenerationOptions(DEFAULT_MAX_LENGTH, 0, null, true, 1, DEFAULT_TOP_K, 1, seed);
    }

    /** Up to that many tokens, with the prompt. */
    public GenerationOptions withMaxLength(int tokens) {
        return new GenerationOptions(tokens, 0, eosTokenIds, sample, temperature, topK, topP, seed);
    }

    /** Up to that many tokens behind the prompt. */
    public GenerationOptions withMaxNewTokens(int tokens) {
        return new GenerationOptions(maxLength, tokens, eosTokenIds, sample, temperature, topK, topP, seed);
    }

    /** Up to one of these tokens; none lets no token end a text. */
    public GenerationOptions withEosTokenIds(int... ids) {
        return new GenerationOptions(maxLength, maxNewTokens,
                IntStream.of(ids).boxed().collect(Collectors.toUnmodifiableSet()), sample, temperature, topK, topP,
                seed);
    }

    /** Drawing by scores divided by that. */
    public GenerationOptions withTemperature(double divisor) {
        return new GenerationOptions(maxLength, maxNewTokens, eosTokenIds, sample, divisor, topK, topP, seed);
    }

    /** Drawing from that many of the likeliest tokens, 0 for all. */
    public GenerationOptions withTopK(int count) {
        return new GenerationOptions(maxLength, maxNewTokens, eosTokenIds, sample, temperature, count, topP, seed);
    }

    /** Drawing from the likeliest tokens that have that probability together, 1 for all. */
    public GenerationOptions withTopP(double probability) {
        return new GenerationOptions(maxLength, maxNewTokens, eosTokenIds, sample, temperature, topK, probability,
                seed);
    }
}
