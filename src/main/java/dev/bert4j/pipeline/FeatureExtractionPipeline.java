package dev.bert4j.pipeline;

import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import java.util.List;

/**
 * The last hidden states of texts, [1, T, H] with special tokens, as they leave the model. Thread-safe; the model stays
 * the caller's to close.
 *
 * <p>The options of a call say how texts are encoded; by default a text that is too long is refused, not cut.
 */
public final class FeatureExtractionPipeline extends Pipeline<String, EncodeOptions, Tensor> {
    private final BertModel model;

    /**
     * A pipeline over a model, with or without a pooler, and its tokenizer.
     *
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model has words
     */
    public FeatureExtractionPipeline(BertModel model, BertTokenizer tokenizer) {
        this(model, tokenizer, Settings.DEFAULTS);
    }

    FeatureExtractionPipeline(BertModel model, BertTokenizer tokenizer, Settings settings) {
        super(model, tokenizer, EncodeOptions.defaults(), settings);
        this.model = model;
    }

    @Override
    public FeatureExtractionPipeline withBatchTokens(int tokens) {
        return new FeatureExtractionPipeline(model, tokenizer(), settings().withBatchTokens(tokens));
    }

    @Override
    public BertModel model() {
        return model;
    }

    @Override
    List<Encoding> encode(String text, EncodeOptions options) {
        return List.of(tokenizer().encode(text, limited(options)));
    }

    @Override
    List<Tensor> run(List<Encoding> texts) {
        return model.forward(texts.stream().map(BertInput::of).toList()).stream()
                .map(output -> output.lastHiddenState()).toList();
    }

    @Override
    Tensor answer(String text, EncodeOptions options, List<Encoding> windows, List<Tensor> outputs) {
        return outputs.getFirst();
    }
}
