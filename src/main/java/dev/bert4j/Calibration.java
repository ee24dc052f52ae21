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
 * of every feature and how features move together, over the tokens of the texts. Those of cross-attentions, which need
 * an encoder, it does not know.
 *
 * <p>Memory is for the square of the widest layer in doubles, so that it looks at one layer at a time: the texts run
 * through the model once for each, when the layer is first asked for. Not thread-safe.
 */
public final class Calibration implements Function<String, InputStatistics> {
    /** Tokens that are looked at; a few for each feature of a wide layer, and more would hardly change anything. */
    public static final int MOST_TOKENS = 8192;

    private static final Pattern WEIGHT = Pattern.compile("(?:.*\\.)?encoder\\.layer\\.(\\d+)"
            + "\\.(attention\\.self|attention\\.output|intermediate|output)\\..*weight");

    private final BertModel model;
    private final List<BertInput> texts;
    private final Map<String, Moments> moments = new HashMap<>();
    private String layer = "";

    /**
     * For a model and texts of at least one token together.
     *
     * @throws IllegalArgumentException if there are no texts
     */
    public Calibration(BertModel model, List<BertInput> texts) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("There are no texts to calibrate on; give some like those to come.");
        }
        this.model = model;
        this.texts = List.copyOf(texts);
    }

    /** Of a layer, by the name of its weight; null if it is none of those that are known. */
    @Override
    public InputStatistics apply(String weight) {
        Matcher name = WEIGHT.matcher(weight);
        if (!name.matches()) {
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
            for (BertInput text : texts) {
                if (moments.get("output").tokens() < MOST_TOKENS) {
                    model.forward(text);
                }
            }
        }
    }

    /** What a module computes is what comes into a part of the layer. */
    private ForwardHook.Handle watch(String module, String part) {
        Moments of = new Moments();
        moments.put(part, of);
        return model.getSubmodule(module).registerForwardHook((_, output) -> of.add(output));
    }
}
