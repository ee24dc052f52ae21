package dev.bert4j.cli;

import dev.bert4j.BertConfig;
import dev.bert4j.LoadOptions;
import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.json.JsonException;
import dev.bert4j.pipeline.Pipelines;
import dev.bert4j.pipeline.Question;
import dev.bert4j.pipeline.QuestionAnsweringOptions;
import dev.bert4j.pipeline.QuestionAnsweringPipeline;
import dev.bert4j.pipeline.QuestionAnsweringPipeline.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert answer --model DIR QUESTION CONTEXT}. */
@Command(name = "answer", mixinStandardHelpOptions = true,
        description = "Answers a question from a text; without one, the questions of the standard input, which are "
                + "JSON objects, one a line, with question and context. With --json, one object a line for each "
                + "question: question, and answers, with start and end in code points of the context.")
final class AnswerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Parameters(index = "0", paramLabel = "QUESTION", arity = "0..1", description = "The question.")
    private String question;

    @Parameters(index = "1", paramLabel = "CONTEXT", arity = "0..1",
            description = "The text; where there is none, and no file, the standard input.")
    private String context;

    @Option(names = "--file", paramLabel = "FILE",
            description = "A file of UTF-8 with the text, or, without a question, with JSON objects; - is the standard "
                    + "input.")
    private Path file;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "1",
            description = "How many answers; ${DEFAULT-VALUE} by default.")
    private int topK;

    @Option(names = "--max-answer-len", paramLabel = "N", defaultValue = "15",
            description = "The most tokens of an answer; ${DEFAULT-VALUE} by default.")
    private int maxAnswerLen;

    @Option(names = "--max-seq-len", paramLabel = "N",
            description = "The most tokens of a window with the question; by default 384, if the model takes them.")
    private Integer maxSeqLen;

    @Option(names = "--doc-stride", paramLabel = "N",
            description = "Tokens that windows have in common; by default 128, or half a window.")
    private Integer docStride;

    @Option(names = "--impossible", description = "\"No answer\" counts as one, with an empty text.")
    private boolean impossible;

    @Option(names = "--batch-tokens", paramLabel = "N", defaultValue = "4096",
            description = "Tokens that go through the model at once, ${DEFAULT-VALUE} by default; with 1, every line "
                    + "is answered when it has come.")
    private int batchTokens;

    AnswerCommand() {
    }

    @Override
    public Integer call() throws IOException {
        if (docStride != null && docStride < 0) {
            throw new IllegalArgumentException("--doc-stride must be at least 0, not " + docStride + ".");
        }
        QuestionAnsweringOptions answer = new QuestionAnsweringOptions(topK, maxAnswerLen,
                maxSeqLen == null ? QuestionAnsweringOptions.DEFAULT : maxSeqLen,
                docStride == null ? QuestionAnsweringOptions.DEFAULT : docStride, impossible, true);
        Path folder = options.named(Hub::download);
        BertConfig config = BertConfig.fromPretrained(folder);
        Stream<Question> questions = questions();
        int characters = context == null ? Integer.MAX_VALUE : question.length() + context.length();
        LoadOptions load = backend.load(config, characters).withConfig(config);
        try (QuestionAnsweringPipeline opened = Pipelines.from(folder, load).questionAnswering()) {
            QuestionAnsweringPipeline pipeline = opened.withBatchTokens(batchTokens);
            Answers.print(question == null, pipeline, questions, answer, spec.commandLine().getOut(),
                    options.json() ? this::printJson : this::printTable);
        }
        return 0;
    }

    private Stream<Question> questions() throws IOException {
        if (context != null && file != null) {
            throw new ParameterException(spec.commandLine(), "There is both a CONTEXT and a --file; give one of them.");
        }
        if (context != null) {
            return Stream.of(new Question(question, context));
        }
        LineReader lines = file == null ? LineReader.standardInput() : LineReader.of(file);
        if (lines.isTerminal() || file == null && question == null && !lines.hasNext()) {
            throw new ParameterException(spec.commandLine(), "There is no " + (question == null ? "question"
                    : "context") + "; give a QUESTION and a CONTEXT, the latter also with --file or in the standard"
                    + " input, or there JSON lines with both.");
        }
        if (question != null) {
            lines.close();
            return Stream.of(new Question(question, LineReader.all(file == null ? Path.of("-") : file)));
        }
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(lines, Spliterator.ORDERED), false)
                .map(line -> parsed(line, lines.place())).onClose(lines::close);
    }

    private static Question parsed(String line, String place) {
        try {
            if (Json.parse(line, place) instanceof Map<?, ?> object && object.get("question") instanceof String asked
                    && object.get("context") instanceof String text) {
                return new Question(asked, text);
            }
        } catch (JsonException e) {
            throw new UncheckedIOException(e);
        }
        throw new UncheckedIOException(new IOException(place + ": it must be a JSON object with the strings"
                + " \"question\" and \"context\"."));
    }

    private void printTable(Question asked, List<Answer> answers) {
        PrintWriter out = spec.commandLine().getOut();
        if (question == null) {
            out.println(asked.question());
        }
        Table table = new Table(">score", "characters", "answer");
        for (Answer a : answers) {
            table.add(Answers.score(a.score()), a.start() + "-" + a.end(), a.answer().isEmpty() ? "(none)"
                    : a.answer().strip().replaceAll("\\s*\\R\\s*", " "));
        }
        table.print(out);
        if (question == null) {
            out.println();
        }
    }

    private void printJson(Question asked, List<Answer> answers) {
        spec.commandLine().getOut().println(Json.write(Answers.object("question", asked.question(), "answers",
                answers.stream().map(a -> Answers.object("score", a.score(), "start", a.start(), "end", a.end(),
                        "answer", a.answer())).toList())));
    }
}
