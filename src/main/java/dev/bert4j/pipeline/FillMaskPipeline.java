package dev.bert4j.pipeline;

import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertInput;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Fills in masked words: the likeliest tokens for every {@code [MASK]} of a text. Thread-safe; the model stays the
 * caller's to close.
 *
 * <pre>{@code
 * var fillMask = new FillMaskPipeline(model, tokenizer);
 * fillMask.apply("Nice to [MASK] you.").getFirst().getFirst().tokenStr();  // "meet"
 * }</pre>
 *
 * <p>An answer has for each mask of the text its predictions, the best first.
 */
public final class FillMaskPipeline
        extends Pipeline<String, FillMaskOptions, List<List<FillMaskPipeline.Prediction>>> {
    private static final System.Logger LOG = System.getLogger(FillMaskPipeline.class.getPackageName());

    private final BertForMaskedLM model;
    /** The targets of the last call: those of a stream are looked up, and warned of, once. */
    private volatile Targets lastTargets = new Targets(null, null);

    /**
     * A pipeline over a model and its tokenizer.
     *
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model has words
     */
    public FillMaskPipeline(BertForMaskedLM model, BertTokenizer tokenizer) {
        this(model, tokenizer, Settings.DEFAULTS);
    }

    FillMaskPipeline(BertForMaskedLM model, BertTokenizer tokenizer, Settings settings) {
        super(model, tokenizer, FillMaskOptions.defaults(), settings);
        if (tokenizer.maskTokenId() >= model.config().vocabSize()) {
            throw new IllegalArgumentException("The tokenizer does not belong to the model: its "
                    + tokenizer.maskToken() + " is token " + tokenizer.maskTokenId() + ", but the model has only "
                    + model.config().vocabSize() + " words.");
        }
        this.model = model;
    }

    /**
     * One way to fill a mask.
     *
     * @param score its probability among all tokens
     * @param token its id
     * @param tokenStr the token; a part of a word begins with {@code ##}
     * @param sequence the text with the token in the place of this mask, as the tokenizer decodes it: without special
     *     tokens where there is one mask, with them where there are several
     */
    public record Prediction(float score, int token, String tokenStr, String sequence) {
    }

    /** Words, and the ids that stand for them. */
    private record Targets(List<String> words, int[] ids) {
    }

    @Override
    public FillMaskPipeline withBatchTokens(int tokens) {
        return new FillMaskPipeline(model, tokenizer(), settings().withBatchTokens(tokens));
    }

    @Override
    public BertForMaskedLM model() {
        return model;
    }

    /** Fills the masks of one text with that many predictions each, at least 1. */
    public List<List<Prediction>> apply(String text, int topK) {
        return apply(text, FillMaskOptions.defaults().withTopK(topK));
    }

    @Override
    List<Encoding> encode(String text, FillMaskOptions options) {
        Encoding encoding = tokenizer().encode(text);
        if (masks(encoding).length == 0) {
            throw new IllegalArgumentException("The text has no " + tokenizer().maskToken()
                    + "; put one where a word is to be filled in.");
        }
        return List.of(encoding);
    }

    private int[] masks(Encoding encoding) {
        int[] ids = encoding.ids();
        return IntStream.range(0, ids.length).filter(i -> ids[i] == tokenizer().maskTokenId()).toArray();
    }

    /** The logits [masks, V] of each text. */
    @Override
    List<Tensor> run(List<Encoding> texts) {
        return model.logitsAt(texts.stream().map(BertInput::of).toList(), texts.stream().map(this::masks).toList());
    }

    @Override
    List<List<Prediction>> answer(String text, FillMaskOptions options, List<Encoding> windows, List<Tensor> outputs) {
        Encoding encoding = windows.getFirst();
        int[] masks = masks(encoding);
        int[] targets = options.targets() == null ? null : known(options.targets());
        List<List<Prediction>> results = new ArrayList<>();
        for (int m = 0; m < masks.length; m++) {
            float[] scores = Softmax.of(outputs.getFirst().select(m).data());
            List<Prediction> best = new ArrayList<>();
            for (int token : best(scores, targets, options.topK())) {
                String word = tokenizer().idToToken(token);
                best.add(new Prediction(scores[token], token, word,
                        filled(encoding, masks[m], token, masks.length == 1)));
            }
            results.add(List.copyOf(best));
        }
        return List.copyOf(results);
    }

    private int[] best(float[] scores, int[] targets, int topK) {
        if (targets == null) {
            // A model may have rows beyond the vocabulary, to round their number up; they have no name.
            return Softmax.topK(scores, Math.min(scores.length, tokenizer().vocabSize()), topK);
        }
        float[] some = new float[targets.length];
        for (int i = 0; i < some.length; i++) {
            some[i] = scores[targets[i]];
        }
        return IntStream.of(Softmax.topK(some, some.length, topK)).map(i -> targets[i]).toArray();
    }

    private int[] known(List<String> words) {
        Targets last = lastTargets;
        if (!words.equals(last.words)) {
            last = new Targets(words, targets(words));
            lastTargets = last;
        }
        return last.ids;
    }

    /** The ids of words, each once, rising. */
    private int[] targets(List<String> words) {
        Set<Integer> ids = new LinkedHashSet<>();
        for (String word : words) {
            int id = tokenizer().tokenToId(word);
            if (!tokenizer().idToToken(id).equals(word)) {
                int[] parts = tokenizer().encode(word, null, false).ids();
                if (parts.length == 0) {
                    LOG.log(Level.WARNING, "The target \"{0}\" has no token at all and is left out.", word);
                    continue;
                }
                id = parts[0];
                LOG.log(Level.WARNING, "The target \"{0}\" is no token of the vocabulary; \"{1}\" stands for it.", word,
                        tokenizer().idToToken(id));
            }
            if (id >= model.config().vocabSize()) {
                throw new IllegalArgumentException("The target \"" + word + "\" is token " + id
                        + ", which the model does not know: it has " + model.config().vocabSize() + " words.");
            }
            ids.add(id);
        }
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("None of the targets " + words + " has a token.");
        }
        return ids.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    private String filled(Encoding encoding, int mask, int token, boolean single) {
        int[] ids = encoding.ids();
        ids[mask] = token;
        return tokenizer().decode(IntStream.of(ids).filter(id -> id != tokenizer().padTokenId()).toArray(), single);
    }
}
