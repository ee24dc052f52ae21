package dev.bert4j.sentence;

import dev.bert4j.weights.CheckpointException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes one vector of the hidden states of a text. Several modes put their vectors one behind the other.
 *
 * @param modes in the order of their vectors
 * @param includePrompt whether the tokens of a prompt count
 */
record Pooling(List<Mode> modes, boolean includePrompt) {
    /** How one vector is made of those that count. */
    enum Mode {
        CLS("cls", "pooling_mode_cls_token"), MAX("max", "pooling_mode_max_tokens"),
        MEAN("mean", "pooling_mode_mean_tokens"),
        MEAN_SQRT_LEN("mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens"),
        WEIGHTED_MEAN("weightedmean", "pooling_mode_weightedmean_tokens"),
        LAST("lasttoken", "pooling_mode_lasttoken");

        private final String name;
        private final String flag;

        Mode(String name, String flag) {
            this.name = name;
            this.flag = flag;
        }
    }

    /** What a folder without modules has. */
    static Pooling mean() {
        return new Pooling(List.of(Mode.MEAN), true);
    }

    /** As config.json of the module has it: flags, or in newer folders names in their order. */
    static Pooling of(SentenceConfig config) throws CheckpointException {
        List<Mode> modes = new ArrayList<>();
        if (config.has("pooling_mode")) {
            for (String name : config.names("pooling_mode")) {
                modes.add(Arrays.stream(Mode.values()).filter(mode -> mode.name.equals(name)).findFirst()
                        .orElseThrow(() -> config.wrong("pooling_mode", "made of cls, max, mean, mean_sqrt_len_tokens,"
                                + " weightedmean and lasttoken")));
            }
        } else {
            for (Mode mode : Mode.values()) {
                if (config.flag(mode.flag, mode == Mode.MEAN)) {
                    modes.add(mode);
                }
            }
        }
        if (modes.isEmpty()) {
            throw config.wrong("pooling_mode", "at least one mode");
        }
        return new Pooling(modes, config.flag("include_prompt", true));
    }

    /** Whether every mode takes one token as it is, so that the others are not needed. */
    boolean picks() {
        return modes.stream().allMatch(mode -> mode == Mode.CLS || mode == Mode.LAST);
    }

    /** The token of each mode, if it {@linkplain #picks picks} them: their hidden states are what is pooled. */
    int[] picked(int tokens, int first) {
        return modes.stream().mapToInt(mode -> picked(mode, tokens, first)).toArray();
    }

    private static int picked(Mode mode, int tokens, int first) {
        return mode == Mode.LAST ? tokens - 1 : first < tokens ? first : 0;
    }

    /**
     * Pools a text.
     *
     * @param hidden [tokens, features]
     * @param first the first token that counts
     */
    float[] pool(float[] hidden, int features, int first) {
        int tokens = hidden.length / features;
        // A prompt that fills the text leaves nothing: sums over no tokens are 0, as in the reference.
        float[] all = new float[modes.size() * features];
        for (int m = 0; m < modes.size(); m++) {
            int at = m * features;
            switch (modes.get(m)) {
                case CLS, LAST -> copy(hidden, picked(modes.get(m), tokens, first), features, all, at);
                case MAX -> max(hidden, features, first, all, at);
                default -> sum(modes.get(m), hidden, features, first, all, at);
            }
        }
        return all;
    }

    private static void copy(float[] hidden, int token, int features, float[] to, int at) {
        System.arraycopy(hidden, token * features, to, at, features);
    }

    private static void max(float[] hidden, int features, int first, float[] to, int at) {
        Arrays.fill(to, at, at + features, Float.NEGATIVE_INFINITY);
        for (int i = first * features; i < hidden.length; i++) {
            int f = at + i % features;
            to[f] = Math.max(to[f], hidden[i]);
        }
    }

    private static void sum(Mode mode, float[] hidden, int features, int first, float[] to, int at) {
        int tokens = hidden.length / features;
        double[] sums = new double[features];
        double weights = 0;
        for (int token = first; token < tokens; token++) {
            // Positions count from 1, those of a prompt that is left out, too.
            double weight = mode == Mode.WEIGHTED_MEAN ? token + 1 : 1;
            weights += weight;
            for (int f = 0; f < features; f++) {
                sums[f] += weight * hidden[token * features + f];
            }
        }
        double divisor = Math.max(weights, 1e-9);
        if (mode == Mode.MEAN_SQRT_LEN) {
            divisor = Math.sqrt(divisor);
        }
        for (int f = 0; f < features; f++) {
            to[at + f] = (float) (sums[f] / divisor);
        }
    }
}
