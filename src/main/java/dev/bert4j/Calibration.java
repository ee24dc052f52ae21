package dev.bert4j;

import dev.bert4j.model.ForwardHook;
import dev.bert4j.weights.InputStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What comes into the linear layers of a model on texts, for a {@link dev.bert4j.weights.CheckpointQuantizer}: the mean
 * of every feature and how features move together, over the tokens of the texts.
 *
 * <p>Memory is for the square of the widest layer in doubles, so that it looks at one layer at a time: the texts run
 * through the model once for each, when the layer is first asked for. Not thread-safe.
 */
public final class Calibration implements Function<String, InputStatistics> {
    /** Tokens that are looked at; a few for each feature of a wide layer, and more would hardly change anything. */
    public static final int MOST_TOKENS = 8192;

    private static final Pattern WEIGHT = Pattern.compile("(?:.*\\.)?encoder\\.layer\\.(\\d{1,9})"
            + "\\.(attention\\.self|attention\\.output|intermediate|output)\\..*weight");

    private final BertModel model;
    private final List<BertInput> texts;
    private final Map<String, Moments> moments = new HashMap<>();
    private String layer = "";

    /**
     * For a model and texts of at least one token together.
     *
     * @throws IllegalArgumentException if there are no texts, or the model has cross-attention: what comes into its
     *         layers depends on an encoder
     */
    public Calibration(BertModel model, List<BertInput> texts) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("There are no texts to calibrate on; give some like those to come.");
        }
        if (model.config().addCrossAttention()) {
            throw new IllegalArgumentException("A decoder with cross-attention cannot be calibrated on texts alone, for"
                    + " what comes into its layers depends on an encoder; quantise it without.");
        }
        this.model = model;
        this.texts = List.copyOf(texts);
    }

    /**
     * Of a layer, by the name of its weight; null if it is none of the model's.
     *
     * @throws IllegalStateException if the model computes what is no finite number of a text
     */
    @Override
    public InputStatistics apply(String weight) {
        Matcher name = WEIGHT.matcher(weight);
        if (!name.matches() || Integer.parseInt(name.group(1)) >= model.config().numHiddenLayers()) {
            return null;
        }
        if (!name.group(1).equals(layer)) {
            look(name.group(1));
        }
        return moments.get(name.group(2)).statistics();
    }

    private void look(String number) {
        moments.clear();
        layer = number;
        String path = "encoder.layer." + number;
        try (var _ = watch(InputRanges.before(Integer.parseInt(number)), "attention.self");
                var _ = watch(path + ".attention.self", "attention.output");
                var _ = watch(path + ".attention", "intermediate");
                var _ = watch(path + ".intermediate", "output")) {
            for (int i = 0; i < texts.size() && moments.get("output").tokens() < MOST_TOKENS; i++) {
                model.forward(texts.get(i));
                requireFinite(i);
            }
        }
    }

    /** One value that is none would spoil all of the layer's integers. */
    private void requireFinite(int text) {
        moments.forEach((part, of) -> {
            if (!of.isFinite()) {
                throw new IllegalStateException("On text " + (text + 1) + " the model computes numbers that are not"
                        + " finite, which come into encoder.layer." + layer + "." + part + "; look at its weights, or"
                        + " leave that text out.");
            }
        });
    }

    /** What a module computes is what comes into a part of the layer. */
    private ForwardHook.Handle watch(String module, String part) {
        Moments of = new Moments();
        moments.put(part, of);
        return model.getSubmodule(module).registerForwardHook((_, output) -> of.add(output));
    }
}
