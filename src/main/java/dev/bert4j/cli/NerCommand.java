package dev.bert4j.cli;

import dev.bert4j.BertConfig;
import dev.bert4j.LoadOptions;
import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.pipeline.AggregationStrategy;
import dev.bert4j.pipeline.Pipelines;
import dev.bert4j.pipeline.TokenClassificationOptions;
import dev.bert4j.pipeline.TokenClassificationPipeline;
import dev.bert4j.pipeline.TokenEntity;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bert ner --model DIR TEXT…}. */
@Command(name = "ner", mixinStandardHelpOptions = true,
        description = "Prints the names, or whatever the model labels, of texts; with --json, one object a line for "
                + "each text: text, and entities, with start and end in code points.")
final class NerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Mixin
    private TextArguments arguments;

    @Option(names = "--aggregation", paramLabel = "NAME", defaultValue = "simple",
            description = "How tokens make words and groups: none, simple, first, average or max; ${DEFAULT-VALUE} by "
                    + "default.")
    private AggregationStrategy aggregation;

    @Option(names = "--ignore-labels", paramLabel = "LABEL", split = ",", defaultValue = "O",
            description = "Labels to leave out, with commas between; ${DEFAULT-VALUE} by default.")
    private List<String> ignoreLabels;

    @Option(names = "--stride", paramLabel = "N",
            description = "Long texts go through the model in windows that have N tokens in common; else they are cut.")
    private Integer stride;

    NerCommand() {
    }

    @Override
    public Integer call() throws IOException {
        if (stride != null && stride < 0) {
            throw new IllegalArgumentException("--stride must be at least 0, not " + stride + ".");
        }
        TokenClassificationOptions classify = new TokenClassificationOptions(aggregation, new HashSet<>(ignoreLabels),
                stride == null ? TokenClassificationOptions.NO_WINDOWS : stride);
        Stream<String> texts = arguments.texts();
        Path folder = options.named(Hub::download);
        BertConfig config = BertConfig.fromPretrained(folder);
        LoadOptions load = backend.load(config, arguments.characters()).withConfig(config);
        try (TokenClassificationPipeline opened = Pipelines.from(folder, load).tokenClassification()) {
            TokenClassificationPipeline pipeline = opened.withBatchTokens(arguments.batchTokens());
            Answers.print(arguments.several(), pipeline, texts, classify, spec.commandLine().getOut(),
                    options.json() ? this::printJson : this::printTable);
        }
        return 0;
    }

    private void printTable(String text, List<TokenEntity> entities) {
        PrintWriter out = spec.commandLine().getOut();
        if (arguments.several()) {
            out.println(text);
        }
        Table table = new Table("label", ">score", "characters", "word");
        for (TokenEntity e : entities) {
            table.add(e.label(), Answers.score(e.score()), e.start() + "-" + e.end(), e.word());
        }
        table.print(out);
        if (arguments.several()) {
            out.println();
        }
    }

    private void printJson(String text, List<TokenEntity> entities) {
        spec.commandLine().getOut().println(Json.write(Answers.object("text", text, "entities",
                entities.stream().map(NerCommand::json).toList())));
    }

    private static Map<String, Object> json(TokenEntity e) {
        boolean group = e.entity() == null;
        Map<String, Object> object = Answers.object(group ? "entity_group" : "entity", e.label(), "score", e.score());
        if (!group) {
            object.put("index", e.index());
        }
        object.putAll(Answers.object("word", e.word(), "start", e.start(), "end", e.end()));
        return object;
    }
}
