package dev.bert4j.cli;

import dev.bert4j.BertConfig;
import dev.bert4j.EncodeOptions;
import dev.bert4j.LoadOptions;
import dev.bert4j.TruncationStrategy;
import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.pipeline.ClassificationFunction;
import dev.bert4j.pipeline.Pipelines;
import dev.bert4j.pipeline.TextClassificationOptions;
import dev.bert4j.pipeline.TextClassificationPipeline;
import dev.bert4j.pipeline.TextClassificationPipeline.Classification;
import dev.bert4j.pipeline.TextPair;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bert classify --model DIR TEXT…}. */
@Command(name = "classify", mixinStandardHelpOptions = true,
        description = "Prints the likeliest labels of texts, or of pairs of texts; with --json, one object a line for "
                + "each text: text, text_pair if there is one, and labels, each with label and score.")
final class ClassifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Mixin
    private TextArguments arguments;

    @Option(names = "--pair", paramLabel = "TEXT", description = "A second text, to make a pair of each.")
    private String pair;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "1",
            description = "How many labels for each text; ${DEFAULT-VALUE} by default.")
    private int topK;

    @Option(names = "--function", paramLabel = "NAME", defaultValue = "default",
            description = "What makes scores: default, as the config tells; sigmoid, softmax or none.")
    private ClassificationFunction function;

    @Option(names = "--truncate", description = "Cut texts that are too long for the model; else they are refused.")
    private boolean truncate;

    private int labelWidth;

    ClassifyCommand() {
    }

    @Override
    public Integer call() throws IOException {
        EncodeOptions encoding = EncodeOptions.defaults();
        TextClassificationOptions classify = new TextClassificationOptions(topK, function,
                truncate ? encoding.withTruncation(TruncationStrategy.LONGEST_FIRST) : encoding);
        Stream<TextPair> texts = arguments.pairs();
        if (pair != null) {
            texts = texts.map(text -> new TextPair(text.text(), pair));
        }
        Path folder = options.named(Hub::download);
        BertConfig config = BertConfig.fromPretrained(folder);
        LoadOptions load = backend.load(config, arguments.characters()).withConfig(config);
        try (TextClassificationPipeline opened = Pipelines.from(folder, load).textClassification()) {
            var pipeline = opened.withBatchTokens(arguments.batchTokens());
            PrintWriter out = spec.commandLine().getOut();
            labelWidth = config.id2label().values().stream().mapToInt(Table::width).max().orElse(0);
            Answers.print(arguments.several(), pipeline.pairs(), texts, classify, out,
                    options.json() ? this::printJson : this::printLines);
        }
        return 0;
    }

    /** A line for each label; the width of the first column is known, so that none has to wait for the others. */
    private void printLines(TextPair text, List<Classification> labels) {
        for (Classification label : labels) {
            String fill = " ".repeat(labelWidth - Table.width(label.label()));
            String pair = text.textPair() == null ? "" : "  |  " + text.textPair();
            spec.commandLine().getOut().println(Terminal.green(label.label()) + fill + "  "
                    + Answers.score(label.score()) + "  " + text.text() + pair);
        }
    }

    private void printJson(TextPair text, List<Classification> labels) {
        Map<String, Object> object = Answers.object("text", text.text());
        if (text.textPair() != null) {
            object.put("text_pair", text.textPair());
        }
        object.put("labels", labels.stream()
                .map(label -> Answers.object("label", label.label(), "score", label.score())).toList());
        spec.commandLine().getOut().println(Json.write(object));
    }
}
