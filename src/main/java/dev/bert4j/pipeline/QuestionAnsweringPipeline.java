package dev.bert4j.pipeline;

import dev.bert4j.BertForQuestionAnswering;
import dev.bert4j.BertInput;
import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.Span;
import dev.bert4j.Tensor;
import dev.bert4j.TruncationStrategy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Answers questions with parts of a text. Thread-safe; the model stays the caller's to close.
 *
 * <pre>{@code
 * var answer = new QuestionAnsweringPipeline(model, tokenizer);
 * answer.apply("Where do I live?", "My name is Wolfgang and I live in Berlin").getFirst().answer();  // "Berlin"
 * }</pre>
 *
 * <p>A long context goes through the model in windows, and the best answers of all of them count: where two windows
 * have the same, it is there twice, as in the reference. An answer has at most as many entries as are asked for, and
 * none if the context has no word.
 */
public final class QuestionAnsweringPipeline
        extends Pipeline<Question, QuestionAnsweringOptions, List<QuestionAnsweringPipeline.Answer>> {
    private final BertForQuestionAnswering model;

    /**
     * A pipeline over a model and its tokenizer.
     *
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model has words
     */
    public QuestionAnsweringPipeline(BertForQuestionAnswering model, BertTokenizer tokenizer) {
        this(model, tokenizer, Settings.DEFAULTS);
    }

    QuestionAnsweringPipeline(BertForQuestionAnswering model, BertTokenizer tokenizer, Settings settings) {
        super(model, tokenizer, QuestionAnsweringOptions.defaults(), settings);
        this.model = model;
    }

    /**
     * One answer: {@code context.substring(start16, end16)}.
     *
     * @param score the probability of its start times that of its end, within its window
     * @param start first code point in the context, as Python counts
     * @param end end in the context (exclusive), in code points
     * @param start16 first UTF-16 unit in the context, as Java counts
     * @param end16 end in the context (exclusive), in UTF-16 units
     * @param answer the text; empty where there is no answer
     */
    public record Answer(float score, int start, int end, int start16, int end16, String answer) {
    }

    @Override
    public QuestionAnsweringPipeline withBatchTokens(int tokens) {
        return new QuestionAnsweringPipeline(model, tokenizer(), settings().withBatchTokens(tokens));
    }

    @Override
    public BertForQuestionAnswering model() {
        return model;
    }

    /** The best answer to one question, as a list of one; or of none, if the context has no word. */
    public List<Answer> apply(String question, String context) {
        return apply(new Question(question, context));
    }

    /** Answers one question. */
    public List<Answer> apply(String question, String context, QuestionAnsweringOptions options) {
        return apply(new Question(question, context), options);
    }

    @Override
    List<Encoding> encode(Question question, QuestionAnsweringOptions options) {
        require(question.question(), "question");
        require(question.context(), "context");
        int window = options.window(mostTokens());
        Encoding first = tokenizer().encode(question.question(), question.context(), EncodeOptions.defaults()
                .withTruncation(TruncationStrategy.ONLY_SECOND).withMaxLength(window)
                .withStride(options.stride(window)));
        List<Encoding> windows = new ArrayList<>(List.of(first));
        windows.addAll(first.overflowing());
        return windows;
    }

    private static void require(String text, String name) {
        if (text == null || text.isEmpty()) {
            throw new IllegalArgumentException("The " + name + " is " + (text == null ? "null" : "empty")
                    + ", but must be a text.");
        }
    }

    /** The logits [2, T] of each window: those of starts, and those of ends. */
    @Override
    List<Tensor> run(List<Encoding> windows) {
        return model.forward(windows.stream().map(BertInput::of).toList()).stream().map(output -> {
            int tokens = output.startLogits().size(1);
            float[] both = new float[2 * tokens];
            System.arraycopy(output.startLogits().data(), 0, both, 0, tokens);
            System.arraycopy(output.endLogits().data(), 0, both, tokens, tokens);
            return Tensor.of(both, 2, tokens);
        }).toList();
    }

    @Override
    List<Answer> answer(Question question, QuestionAnsweringOptions options, List<Encoding> windows,
            List<Tensor> outputs) {
        List<Answer> answers = new ArrayList<>();
        float nullScore = Float.POSITIVE_INFINITY;
        for (int w = 0; w < windows.size(); w++) {
            Encoding window = windows.get(w);
            AnswerSpans spans = new AnswerSpans(window, outputs.get(w), tokenizer().clsTokenId());
            nullScore = Math.min(nullScore, spans.nullScore());
            for (AnswerSpans.Scored span : spans.best(options.topK(), options.maxAnswerLen())) {
                answers.add(answer(question.context(), window, span, options.alignToWords()));
            }
        }
        if (options.handleImpossibleAnswer()) {
            answers.add(new Answer(nullScore, 0, 0, 0, 0, ""));
        }
        answers.sort(Comparator.comparingDouble(Answer::score).reversed());
        return List.copyOf(answers.subList(0, Math.min(options.topK(), answers.size())));
    }

    private static Answer answer(String context, Encoding window, AnswerSpans.Scored span, boolean wholeWords) {
        int first = span.start();
        int last = span.end();
        if (wholeWords) {
            // As much of the words as this window has.
            Span head = window.wordToTokens(window.wordId(first), 1);
            Span tail = window.wordToTokens(window.wordId(last), 1);
            first = head.start();
            last = tail.end() - 1;
        }
        int start16 = window.offsetStart16(first);
        int end16 = window.offsetEnd16(last);
        return new Answer(span.score(), window.offsetStart(first), window.offsetEnd(last), start16, end16,
                context.substring(start16, end16));
    }
}
