package dev.bert4j.pipeline;

import dev.bert4j.BertForTokenClassification;
import dev.bert4j.BertInput;
import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import dev.bert4j.TruncationStrategy;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/**
 * Labels the tokens of texts, or the groups that they make: persons, places, parts of speech. Thread-safe; the model
 * stays the caller's to close.
 *
 * <pre>{@code
 * var ner = new TokenClassificationPipeline(model, tokenizer);
 * var options = TokenClassificationOptions.defaults().withAggregationStrategy(AggregationStrategy.SIMPLE);
 * ner.apply("My name is Wolfgang", options).getFirst().word();  // "Wolfgang"
 * }</pre>
 *
 * <p>An answer has the entities of the text in its order. A text with more tokens than the model takes goes through it
 * in windows if the options have a stride; else it is cut, as in the reference, and a warning says so.
 */
public final class TokenClassificationPipeline
        extends Pipeline<String, TokenClassificationOptions, List<TokenEntity>> {
    private static final System.Logger LOG = System.getLogger(TokenClassificationPipeline.class.getPackageName());

    private final BertForTokenClassification model;
    private final EntityGrouping grouping;

    /**
     * A pipeline over a model and its tokenizer.
     *
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model has words
     */
    public TokenClassificationPipeline(BertForTokenClassification model, BertTokenizer tokenizer) {
        this(model, tokenizer, Settings.DEFAULTS);
    }

    TokenClassificationPipeline(BertForTokenClassification model, BertTokenizer tokenizer, Settings settings) {
        super(model, tokenizer, TokenClassificationOptions.defaults(), settings);
        this.model = model;
        grouping = new EntityGrouping(tokenizer, model.config().id2label());
    }

    @Override
    public TokenClassificationPipeline withBatchTokens(int tokens) {
        return new TokenClassificationPipeline(model, tokenizer(), settings().withBatchTokens(tokens));
    }

    @Override
    public BertForTokenClassification model() {
        return model;
    }

    @Override
    List<Encoding> encode(String text, TokenClassificationOptions options) {
        boolean windows = options.stride() != TokenClassificationOptions.NO_WINDOWS;
        EncodeOptions encoding = limited(EncodeOptions.defaults().withTruncation(TruncationStrategy.LONGEST_FIRST)
                .withStride(windows ? options.stride() : 0));
        Encoding first = tokenizer().encode(text, encoding);
        if (windows) {
            List<Encoding> all = new ArrayList<>(List.of(first));
            all.addAll(first.overflowing());
            return all;
        }
        if (first.isTruncated()) {
            LOG.log(Level.WARNING, "A text was cut to {0} tokens, what the model takes; with a stride, all of it would"
                    + " be labelled.", String.valueOf(first.size()));
        }
        return List.of(first);
    }

    /** The logits [T, labels] of each window. */
    @Override
    List<Tensor> run(List<Encoding> windows) {
        return model.forward(windows.stream().map(BertInput::of).toList()).stream()
                .map(output -> output.logits().select(0)).toList();
    }

    @Override
    List<TokenEntity> answer(String text, TokenClassificationOptions options, List<Encoding> windows,
            List<Tensor> outputs) {
        List<TokenEntity> found = new ArrayList<>();
        for (int w = 0; w < windows.size(); w++) {
            float[][] scores = new float[windows.get(w).size()][];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = Softmax.of(outputs.get(w).select(i).data());
            }
            grouping.entities(text, windows.get(w), scores, options.aggregationStrategy()).stream()
                    .filter(entity -> !options.ignoreLabels().contains(entity.label())).forEach(found::add);
        }
        return List.copyOf(windows.size() == 1 ? found : EntityGrouping.merged(found));
    }
}
