package dev.bert4j.cli;

import dev.bert4j.BertConfig;
import dev.bert4j.LoadOptions;
import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.pipeline.FillMaskOptions;
import dev.bert4j.pipeline.FillMaskPipeline;
import dev.bert4j.pipeline.FillMaskPipeline.Prediction;
import dev.bert4j.pipeline.Pipelines;
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

/** {@code bert fill-mask "Nice to [MASK] you"}. */
@Command(name = "fill-mask", mixinStandardHelpOptions = true,
        description = "Prints the likeliest words for every [MASK] of texts; with --json, one object a line for each "
                + "word: token, id, score, sequence, and where there are several, the text and the number of the mask "
                + "from 0.")
final class FillMaskCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Mixin
    private TextArguments arguments;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "10",
            description = "How many words for each mask; ${DEFAULT-VALUE} by default.")
    private int topK;

    @Option(names = "--targets", paramLabel = "WORD", split = ",",
            description = "The only words to choose from, with commas between.")
    private List<String> targets;

    /** What stands before the first table; nothing once it is printed. */
    private Runnable header;

    FillMaskCommand() {
    }

    @Override
    public Integer call() throws IOException {
        FillMaskOptions fill = new FillMaskOptions(topK, targets);
        Stream<String> texts = arguments.texts();
        Path folder = options.folder(null, Hub::download);
        BertConfig config = BertConfig.fromPretrained(folder);
        LoadOptions load = backend.load(config, arguments.characters()).withConfig(config);
        try (FillMaskPipeline opened = Pipelines.from(folder, load).fillMask()) {
            FillMaskPipeline pipeline = opened.withBatchTokens(arguments.batchTokens());
            PrintWriter out = spec.commandLine().getOut();
            header = () -> Descriptions.print(folder, pipeline.model(), out);
            Answers.print(arguments.several(), pipeline, texts, fill, out,
                    options.json() ? this::printJson : this::printTables);
        }
        return 0;
    }

    private void printTables(String text, List<List<Prediction>> masks) {
        PrintWriter out = spec.commandLine().getOut();
        header.run();
        header = () -> { };
        for (int i = 0; i < masks.size(); i++) {
            out.println();
            if (i == 0 && arguments.several()) {
                out.println(text);
            }
            if (masks.size() > 1) {
                out.println("mask " + (i + 1) + " of " + masks.size());
            }
            Table table = new Table("token", ">score", "sentence");
            masks.get(i).forEach(p -> table.add(p.tokenStr(), Answers.score(p.score()), p.sequence()));
            table.print(out);
        }
    }

    private void printJson(String text, List<List<Prediction>> masks) {
        for (int i = 0; i < masks.size(); i++) {
            for (Prediction p : masks.get(i)) {
                Map<String, Object> object = Answers.object("token", p.tokenStr(), "id", p.token(), "score", p.score(),
                        "sequence", p.sequence());
                if (masks.size() > 1) {
                    object.put("mask", i);
                }
                if (arguments.several()) {
                    object.put("text", text);
                }
                spec.commandLine().getOut().println(Json.write(object));
            }
        }
    }
}
