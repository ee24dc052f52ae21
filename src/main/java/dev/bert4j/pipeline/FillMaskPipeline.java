package dev.bert4j.pipeline;

import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertInput;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Fills in masked words: the likeliest tokens for every {@code [MASK]} of a text. Thread-safe; the model stays the
 * caller's to close.
 *
 * <pre>{@code
 * var fillMask = new FillMaskPipeline(model, tokenizer);
 * fillMask.apply("Nice to [MASK] you.", 5).getFirst().getFirst().tokenStr();  // "meet"
 * }</pre>
 */
public final class FillMaskPipeline {
    private final BertForMaskedLM model;
    private final BertTokenizer tokenizer;

    /**
     * A pipeline over a model and its tokenizer.
     *
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model has words
     */
    public FillMaskPipeline(BertForMaskedLM model, BertTokenizer tokenizer) {
        if (Math.max(tokenizer.vocabSize(), tokenizer.maskTokenId() + 1) > model.config().vocabSize()) {
            throw new IllegalArgumentException("The tokenizer does not belong to the model: it has "
                    + tokenizer.vocabSize() + " tokens, but the model only " + model.config().vocabSize() + " words.");
        }
        this.model = model;
        this.tokenizer = tokenizer;
    }

    /**
     * One way to fill a mask.
     *
     * @param score its probability among all tokens
     * @param token its id
     * @param tokenStr the token; a part of a word begins with {@code ##}
     * @param sequence the text with the token in the place of this mask
     */
    public record Prediction(float score, int token, String tokenStr, String sequence) {
    }

    /**
     * The likeliest tokens for each mask of a text, the best first.
     *
     * @param topK how many for each mask, at least 1; at most the vocabulary is given
     * @return for each mask in the text its predictions
     * @throws IllegalArgumentException if the text has no mask or is too long for the model
     * @throws IllegalStateException if the model is closed, or its weights give no numbers
     */
    public List<List<Prediction>> apply(String text, int topK) {
        if (topK < 1) {
            throw new IllegalArgumentException("topK must be at least 1, not " + topK + ".");
        }
        Encoding encoding = tokenizer.encode(text);
        int[] ids = encoding.ids();
        int[] masks = IntStream.range(0, ids.length).filter(i -> ids[i] == tokenizer.maskTokenId()).toArray();
        if (masks.length == 0) {
            throw new IllegalArgumentException("The text has no " + tokenizer.maskToken()
                    + "; put one where a word is to be filled in.");
        }
        Tensor logits = model.logitsAt(List.of(BertInput.of(encoding)), List.of(masks)).getFirst();
        List<List<Prediction>> results = new ArrayList<>();
        for (int m = 0; m < masks.length; m++) {
            float[] scores = Softmax.of(logits.select(m).data());
            // A single logit that is no number makes the sum, and with it every score, none.
            if (Float.isNaN(scores[0])) {
                throw new IllegalStateException("The model's scores are not numbers: its weights are damaged.");
            }
            List<Prediction> best = new ArrayList<>();
            // A model may have rows beyond the vocabulary, to round their number up; they have no name.
            for (int token : Softmax.topK(scores, Math.min(scores.length, tokenizer.vocabSize()), topK)) {
                String word = tokenizer.idToToken(token);
                best.add(new Prediction(scores[token], token, word, filled(text, encoding, masks[m], word)));
            }
            results.add(best);
        }
        return results;
    }

    private static String filled(String text, Encoding encoding, int mask, String word) {
        String before = text.substring(0, encoding.offsetStart16(mask));
        String after = text.substring(encoding.offsetEnd16(mask));
        return word.startsWith("##") ? before.stripTrailing() + word.substring(2) + after : before + word + after;
    }
}
