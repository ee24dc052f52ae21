package dev.bert4j.backend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How a batch attends: which queries and keys belong together, and what is masked.
 *
 * @param heads attention heads
 * @param headSize features of each head
 * @param starts where each text begins among the tokens, and at the end their number: text b is tokens
 *     {@code [starts[b], starts[b + 1])}
 * @param keyStarts the same of the keys and values: those of text b are {@code [keyStarts[b], keyStarts[b + 1])}; where
 *     all of a text attends to itself, the very array of {@code starts}
 * @param masks what is added to the scores of each text
 * @param headMask a factor for the probabilities of each head, or null
 * @param relative what relative positions add to the scores, or null
 * @param mayRound whether a backend that rounds products may round here, too: not in a decoder, whose keys may be kept
 *     for the next call, and must not make a difference then
 */
public record AttentionSpec(int heads, int headSize, int[] starts, int[] keyStarts, List<AttentionMask> masks,
        float[] headMask, RelativePositions relative, boolean mayRound) {
    /** Texts that attend to themselves, without relative positions, in an encoder. */
    public AttentionSpec(int heads, int headSize, int[] starts, List<AttentionMask> masks, float[] headMask) {
        this(heads, headSize, starts, starts, masks, headMask, null, true);
    }

    /** The same with relative positions. */
    public AttentionSpec withRelative(RelativePositions positions) {
        return new AttentionSpec(heads, headSize, starts, keyStarts, masks, headMask, positions, mayRound);
    }

    /** The same with factors for the probabilities of each head. */
    public AttentionSpec withHeadMask(float[] factors) {
        return new AttentionSpec(heads, headSize, starts, keyStarts, masks, factors, relative, mayRound);
    }

    /** The same with another number of heads. */
    public AttentionSpec withHeads(int count) {
        return new AttentionSpec(count, headSize, starts, keyStarts, masks, headMask, relative, mayRound);
    }

    /**
     * The same for some of the queries only, which attend to all keys of their texts as before; a text may be left with
     * none.
     *
     * @param tokens those queries, ascending and each once
     * @throws IllegalStateException if there are causal masks or relative positions, which ask where a query stands
     */
    public AttentionSpec ofQueries(int[] tokens) {
        if (relative != null) {
            throw new IllegalStateException("Relative positions are for all queries of a text.");
        }
        int[] someStarts = new int[starts.length];
        List<AttentionMask> someMasks = new ArrayList<>();
        int to = 0;
        for (int text = 0; text < texts(); text++) {
            int from = to;
            while (to < tokens.length && tokens[to] < starts[text + 1]) {
                to++;
            }
            int start = starts[text];
            int[] queries = Arrays.stream(tokens, from, to).map(token -> token - start).toArray();
            someMasks.add(masks.get(text).ofQueries(queries, keys(text)));
            someStarts[text + 1] = to;
        }
        return new AttentionSpec(heads, headSize, someStarts, keyStarts, someMasks, headMask, null, mayRound);
    }

    /** How many texts there are. */
    public int texts() {
        return starts.length - 1;
    }

    /** Queries of a text. */
    public int length(int text) {
        return starts[text + 1] - starts[text];
    }

    /** Keys of a text. */
    public int keys(int text) {
        return keyStarts[text + 1] - keyStarts[text];
    }

    /** How many of the leading keys of a text weigh anything for its queries up to one; see the mask. */
    public int visibleKeys(int text, int lastQuery) {
        return masks.get(text).visibleKeys(lastQuery, length(text), keys(text));
    }

    /**
     * Where relative positions see a query of a text. As in the reference, all queries of a text that also attends to
     * keys of earlier calls are seen at its last key.
     */
    public int relativePosition(int text, int query) {
        return keys(text) == length(text) ? query : keys(text) - 1;
    }

    /** What the scores are multiplied by: {@code 1 / √headSize}. */
    public float scale() {
        return (float) (1 / Math.sqrt(headSize));
    }

    /** The factor for the probabilities of a head. */
    public float headFactor(int head) {
        return headMask == null ? 1 : headMask[head];
    }

    /**
     * Where the probabilities of a text begin in an array that holds those of all texts, {@code [heads, length,
     * keys]} each; for the number of texts, how long that array is.
     *
     * @throws IllegalArgumentException if no array is that long
     */
    public int probabilitiesStart(int text) {
        long start = 0;
        for (int b = 0; b < text; b++) {
            start += (long) heads * length(b) * keys(b);
        }
        if (start > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("The attention probabilities of these texts are " + start
                    + " values, more than an array holds; ask for them with fewer texts at a time.");
        }
        return (int) start;
    }
}
