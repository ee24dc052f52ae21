package dev.bert4j.pipeline;

import dev.bert4j.BertConfig;
import dev.bert4j.BertForSequenceClassification;
import dev.bert4j.BertInput;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Labels texts, or pairs of texts: sentiment, topic, whether one sentence follows from another. Thread-safe; the model
 * stays the caller's to close.
 *
 * <pre>{@code
 * var classify = new TextClassificationPipeline(model, tokenizer);
 * classify.apply("I liked it.").getFirst().label();                         // "POSITIVE"
 * classify.pairs().apply(new TextPair("It rains.", "The street is wet."));
 * }</pre>
 *
 * <p>An answer has the best labels of the text, the best first; by default one.
 */
public final class TextClassificationPipeline
        extends Pipeline<String, TextClassificationOptions, List<TextClassificationPipeline.Classification>> {
    private final BertForSequenceClassification model;
    private final Pairs pairs;

    /**
     * A pipeline over a model and its tokenizer.
     *
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model has words
     */
    public TextClassificationPipeline(BertForSequenceClassification model, BertTokenizer tokenizer) {
        this(model, tokenizer, Settings.DEFAULTS);
    }

    TextClassificationPipeline(BertForSequenceClassification model, BertTokenizer tokenizer, Settings settings) {
        super(model, tokenizer, TextClassificationOptions.defaults(), settings);
        this.model = model;
        pairs = new Pairs(model, tokenizer, settings);
    }

    /**
     * A label of a text.
     *
     * @param label its name, as the config has it
     * @param score its score: a probability, but for {@link ClassificationFunction#NONE}
     */
    public record Classification(String label, float score) {
    }

    @Override
    public TextClassificationPipeline withBatchTokens(int tokens) {
        return new TextClassificationPipeline(model, tokenizer(), settings().withBatchTokens(tokens));
    }

    @Override
    public BertForSequenceClassification model() {
        return model;
    }

    /** The same for pairs of texts; closing it does what closing this does. */
    public Pipeline<TextPair, TextClassificationOptions, List<Classification>> pairs() {
        return pairs;
    }

    @Override
    List<Encoding> encode(String text, TextClassificationOptions options) {
        return pairs.encode(new TextPair(text, null), options);
    }

    @Override
    List<Tensor> run(List<Encoding> texts) {
        return pairs.run(texts);
    }

    @Override
    List<Classification> answer(String text, TextClassificationOptions options, List<Encoding> windows,
            List<Tensor> outputs) {
        return pairs.answer(null, options, windows, outputs);
    }

    /** What does it. */
    private static final class Pairs extends Pipeline<TextPair, TextClassificationOptions, List<Classification>> {
        private final BertForSequenceClassification model;

        Pairs(BertForSequenceClassification model, BertTokenizer tokenizer, Settings settings) {
            super(model, tokenizer, TextClassificationOptions.defaults(), settings);
            this.model = model;
        }

        @Override
        public Pairs withBatchTokens(int tokens) {
            return new Pairs(model, tokenizer(), settings().withBatchTokens(tokens));
        }

        @Override
        List<Encoding> encode(TextPair pair, TextClassificationOptions options) {
            return List.of(tokenizer().encode(pair.text(), pair.textPair(), limited(options.encoding())));
        }

        /** The logits [labels] of each text. */
        @Override
        List<Tensor> run(List<Encoding> texts) {
            return model.forward(texts.stream().map(BertInput::of).toList()).stream()
                    .map(output -> output.logits().select(0)).toList();
        }

        @Override
        List<Classification> answer(TextPair pair, TextClassificationOptions options, List<Encoding> windows,
                List<Tensor> outputs) {
            float[] logits = outputs.getFirst().data();
            float[] scores = switch (function(options)) {
                case SIGMOID -> Softmax.sigmoid(logits);
                case NONE -> Softmax.requireNumbers(logits);
                default -> Softmax.of(logits);
            };
            List<Classification> best = new ArrayList<>();
            for (int label : Softmax.topK(scores, scores.length, options.topK())) {
                best.add(new Classification(model.config().id2label().get(label), scores[label]));
            }
            return List.copyOf(best);
        }

        private ClassificationFunction function(TextClassificationOptions options) {
            if (options.functionToApply() != ClassificationFunction.DEFAULT) {
                return options.functionToApply();
            }
            BertConfig config = model.config();
            if ("regression".equals(config.problemType())) {
                return ClassificationFunction.NONE;
            }
            boolean alone = config.numLabels() == 1 || "multi_label_classification".equals(config.problemType());
            return alone ? ClassificationFunction.SIGMOID : ClassificationFunction.SOFTMAX;
        }
    }
}
