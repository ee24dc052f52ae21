package dev.bert4j;

import dev.bert4j.model.ForwardHook;
import dev.bert4j.weights.InputStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How large the features get that come out of the layer normalisations of a model, for a
 * {@link dev.bert4j.weights.CheckpointQuantizer}. Which of them are many times as large as the others hardly depends on
 * the text, so that words at random will do. Not thread-safe.
 */
public final class InputRanges implements Function<String, InputStatistics> {
    private static final Pattern WEIGHT = Pattern.compile("(?:.*\\.)?encoder\\.layer\\.(\\d{1,9})\\."
            + "(?:attention\\.self\\.(?:query|key|value)|(intermediate)\\.dense)\\.weight");
    private static final int TEXTS = 64;
    private static final int TOKENS = 64;
    /** Where words begin in vocabularies of BERT: behind special tokens and places for new ones. */
    private static final int FIRST_WORD = 1000;

    private final BertModel model;
    /** By the paths of the modules that they come out of. */
    private final Map<String, float[]> largest = new HashMap<>();

    /** For a model, which is run on texts of words at random when something is first asked. */
    public InputRanges(BertModel model) {
        this.model = model;
    }

    private void look() {
        int layers = model.config().numHiddenLayers();
        List<ForwardHook.Handle> hooks = new ArrayList<>();
        try {
            for (int layer = 0; layer < layers; layer++) {
                hooks.add(watch(before(layer)));
                hooks.add(watch("encoder.layer." + layer + ".attention"));
            }
            randomTexts(model.config()).forEach(model::forward);
        } finally {
            hooks.forEach(ForwardHook.Handle::close);
        }
    }

    /** The module whose output comes into a layer. */
    static String before(int layer) {
        return layer == 0 ? "embeddings" : "encoder.layer." + (layer - 1);
    }

    private static List<BertInput> randomTexts(BertConfig config) {
        Random random = new Random(1);
        int first = Math.min(FIRST_WORD, config.vocabSize() / 2);
        int tokens = Math.min(TOKENS, config.maxPositionEmbeddings());
        List<BertInput> texts = new ArrayList<>();
        for (int text = 0; text < TEXTS; text++) {
            texts.add(BertInput.of(random.ints(tokens, first, config.vocabSize()).toArray()));
        }
        return texts;
    }

    private ForwardHook.Handle watch(String module) {
        return model.getSubmodule(module).registerForwardHook((_, output) -> Moments.addLargest(output.data(),
                largest.computeIfAbsent(module, _ -> new float[output.size(1)])));
    }

    /** Of a layer, by the name of its weight; null if it is none of those that are known. */
    @Override
    public InputStatistics apply(String weight) {
        Matcher name = WEIGHT.matcher(weight);
        // What comes out of a cross-attention depends on an encoder.
        if (!name.matches() || name.group(2) != null && model.config().addCrossAttention()) {
            return null;
        }
        if (largest.isEmpty()) {
            look();
        }
        float[] known = largest.get(name.group(2) == null
                ? before(Integer.parseInt(name.group(1))) : "encoder.layer." + name.group(1) + ".attention");
        return known == null ? null : new InputStatistics(known, null, null);
    }
}
