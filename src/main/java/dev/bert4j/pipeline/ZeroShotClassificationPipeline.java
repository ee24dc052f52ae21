package dev.bert4j.pipeline;

import dev.bert4j.BertForSequenceClassification;
import dev.bert4j.BertInput;
import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import dev.bert4j.TruncationStrategy;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Labels texts with labels that the model has never seen, by asking a model of natural language inference whether
 * "This example is …" follows from the text. Thread-safe; the model stays the caller's to close.
 *
 * <pre>{@code
 * var classify = new ZeroShotClassificationPipeline(model, tokenizer);
 * classify.apply("Who scored the goal?", ZeroShotOptions.of("sport", "politics")).labels().getFirst();  // "sport"
 * }</pre>
 *
 * <p>A text that is too long is cut, as in the reference, and a warning says so.
 */
public final class ZeroShotClassificationPipeline
        extends Pipeline<String, ZeroShotOptions, ZeroShotClassificationPipeline.Result> {
    private static final System.Logger LOG =
            System.getLogger(ZeroShotClassificationPipeline.class.getPackageName());
    private static final EncodeOptions ENCODING =
            EncodeOptions.defaults().withTruncation(TruncationStrategy.ONLY_FIRST);

    private final BertForSequenceClassification model;
    private final int entailment;
    private final int contradiction;

    /**
     * A pipeline over a model and its tokenizer. The label that contradicts is the one whose name begins with
     * "contradict"; the reference takes the first, or the last where the first entails, whatever their names.
     *
     * @throws IllegalArgumentException if the model has no label whose name begins with "entail", or no other one; or
     *     the tokenizer has more tokens than the model has words
     */
    public ZeroShotClassificationPipeline(BertForSequenceClassification model, BertTokenizer tokenizer) {
        this(model, tokenizer, Settings.DEFAULTS);
    }

    ZeroShotClassificationPipeline(BertForSequenceClassification model, BertTokenizer tokenizer, Settings settings) {
        super(model, tokenizer, ZeroShotOptions.of(), settings);
        this.model = model;
        Map<Integer, String> names = model.config().id2label();
        entailment = named(names, "entail");
        if (entailment < 0 || names.size() < 2) {
            throw new IllegalArgumentException("The model's labels are " + names.values() + ", but zero-shot"
                    + " classification needs one whose name begins with \"entail\" beside another, as models of natural"
                    + " language inference have.");
        }
        // Where no name tells, it is the label at the other end, as in the reference.
        int opposite = named(names, "contradict");
        contradiction = opposite >= 0 ? opposite : entailment == 0 ? names.size() - 1 : 0;
    }

    private static int named(Map<Integer, String> names, String beginning) {
        return names.entrySet().stream().filter(e -> e.getValue().toLowerCase(Locale.ROOT).startsWith(beginning))
                .mapToInt(Map.Entry::getKey).findFirst().orElse(-1);
    }

    /**
     * The labels of a text.
     *
     * @param sequence the text
     * @param labels the candidate labels, the best first
     * @param scores their scores: probabilities that sum up to 1, or with several labels each on its own
     */
    public record Result(String sequence, List<String> labels, List<Float> scores) {
    }

    @Override
    public ZeroShotClassificationPipeline withBatchTokens(int tokens) {
        return new ZeroShotClassificationPipeline(model, tokenizer(), settings().withBatchTokens(tokens));
    }

    @Override
    public BertForSequenceClassification model() {
        return model;
    }

    @Override
    List<Encoding> encode(String text, ZeroShotOptions options) {
        if (options.candidateLabels().isEmpty()) {
            throw new IllegalArgumentException("There are no candidate labels; name at least one.");
        }
        List<Encoding> pairs = options.candidateLabels().stream()
                .map(label -> tokenizer().encode(text, options.hypothesis(label), limited(ENCODING))).toList();
        if (pairs.stream().anyMatch(Encoding::isTruncated)) {
            LOG.log(Level.WARNING, "A text was cut so that it and its hypotheses have at most {0} tokens, what the"
                    + " model takes.", String.valueOf(mostTokens()));
        }
        return pairs;
    }

    /** The logits [labels of the model] of each pair of a text and a hypothesis. */
    @Override
    List<Tensor> run(List<Encoding> pairs) {
        return model.forward(pairs.stream().map(BertInput::of).toList()).stream()
                .map(output -> output.logits().select(0)).toList();
    }

    @Override
    Result answer(String text, ZeroShotOptions options, List<Encoding> windows, List<Tensor> outputs) {
        int count = outputs.size();
        float[] scores = new float[count];
        if (options.multiLabel() || count == 1) {
            for (int i = 0; i < count; i++) {
                Tensor logits = outputs.get(i);
                scores[i] = Softmax.of(new float[] {logits.get(contradiction), logits.get(entailment)})[1];
            }
        } else {
            float[] entailed = new float[count];
            for (int i = 0; i < count; i++) {
                entailed[i] = outputs.get(i).get(entailment);
            }
            scores = Softmax.of(entailed);
        }
        int[] order = Softmax.topK(scores, count, count);
        List<Float> sorted = new ArrayList<>();
        for (int i : order) {
            sorted.add(scores[i]);
        }
        return new Result(text, IntStream.of(order).mapToObj(options.candidateLabels()::get).toList(),
                List.copyOf(sorted));
    }
}
