package dev.bert4j.pipeline;

import dev.bert4j.BertForNextSentencePrediction;
import dev.bert4j.BertInput;
import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import java.util.List;

/**
 * Whether the second text of a pair continues the first. Thread-safe; the model stays the caller's to close.
 *
 * <p>The options of a call say how pairs are encoded; by default one that is too long is refused, not cut.
 */
public final class NextSentencePipeline
        extends Pipeline<TextPair, EncodeOptions, NextSentencePipeline.Prediction> {
    private final BertForNextSentencePrediction model;

    /**
     * A pipeline over a model and its tokenizer.
     *
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model has words
     */
    public NextSentencePipeline(BertForNextSentencePrediction model, BertTokenizer tokenizer) {
        this(model, tokenizer, Settings.DEFAULTS);
    }

    NextSentencePipeline(BertForNextSentencePrediction model, BertTokenizer tokenizer, Settings settings) {
        super(model, tokenizer, EncodeOptions.defaults(), settings);
        this.model = model;
    }

    /**
     * What the model holds of a pair.
     *
     * @param isNext whether it rather takes the second text for the continuation of the first
     * @param score the probability that it is
     */
    public record Prediction(boolean isNext, float score) {
    }

    @Override
    public NextSentencePipeline withBatchTokens(int tokens) {
        return new NextSentencePipeline(model, tokenizer(), settings().withBatchTokens(tokens));
    }

    @Override
    public BertForNextSentencePrediction model() {
        return model;
    }

    @Override
    List<Encoding> encode(TextPair pair, EncodeOptions options) {
        if (pair.textPair() == null || pair.textPair().isEmpty()) {
            throw new IllegalArgumentException("There is no second text; give one that may continue the first.");
        }
        return List.of(tokenizer().encode(pair.text(), pair.textPair(), limited(options)));
    }

    /** The logits [2] of each pair. */
    @Override
    List<Tensor> run(List<Encoding> pairs) {
        return model.forward(pairs.stream().map(BertInput::of).toList()).stream()
                .map(output -> output.logits().select(0)).toList();
    }

    @Override
    Prediction answer(TextPair pair, EncodeOptions options, List<Encoding> windows, List<Tensor> outputs) {
        float[] scores = Softmax.of(outputs.getFirst().data());
        return new Prediction(scores[0] >= scores[1], scores[0]);
    }
}
