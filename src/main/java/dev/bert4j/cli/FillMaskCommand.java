package dev.bert4j.cli;

import dev.bert4j.BertConfig;
import dev.bert4j.BertForMaskedLM;
import dev.bert4j.BertTokenizer;
import dev.bert4j.LoadOptions;
import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.pipeline.FillMaskPipeline;
import dev.bert4j.pipeline.FillMaskPipeline.Prediction;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert fill-mask "Nice to [MASK] you"}. */
@Command(name = "fill-mask", mixinStandardHelpOptions = true,
        description = "Prints the likeliest words for every [MASK] of a text.")
final class FillMaskCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "10",
            description = "How many words for each mask; ${DEFAULT-VALUE} by default.")
    private int topK;

    @Parameters(paramLabel = "TEXT", description = "A text with one [MASK] or more.")
    private String text;

    FillMaskCommand() {
    }

    @Override
    public Integer call() throws IOException {
        Path folder = options.folder(null, Hub::download);
        BertConfig config = BertConfig.fromPretrained(folder);
        LoadOptions load = backend.load(config, text.length()).withConfig(config);
        try (BertForMaskedLM model = BertForMaskedLM.fromPretrained(folder, load)) {
            BertTokenizer tokenizer = BertTokenizer.fromPretrained(folder);
            List<List<Prediction>> masks = new FillMaskPipeline(model, tokenizer).apply(text, topK);
            PrintWriter out = spec.commandLine().getOut();
            if (options.json()) {
                out.println(Json.write(json(folder, model, masks)));
                return 0;
            }
            out.println("model    " + folder + " (" + Descriptions.of(model) + ")");
            out.println("backend  " + Descriptions.backend(model));
            for (int i = 0; i < masks.size(); i++) {
                out.println();
                if (masks.size() > 1) {
                    out.println("mask " + (i + 1) + " of " + masks.size());
                }
                print(masks.get(i), out);
            }
        }
        return 0;
    }

    private static void print(List<Prediction> predictions, PrintWriter out) {
        Table table = new Table("token", ">score", "sentence");
        for (Prediction p : predictions) {
            table.add(p.tokenStr(), String.format(Locale.ROOT, "%.4f", p.score()), p.sequence());
        }
        table.print(out);
    }

    private Map<String, Object> json(Path folder, BertForMaskedLM model, List<List<Prediction>> masks) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("model", folder.toString());
        result.put("backend", model.backend().name());
        result.put("text", text);
        result.put("masks", masks.stream().map(mask -> mask.stream().map(FillMaskCommand::json).toList()).toList());
        return result;
    }

    private static Map<String, Object> json(Prediction p) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("score", p.score());
        fields.put("token", p.token());
        fields.put("token_str", p.tokenStr());
        fields.put("sequence", p.sequence());
        return fields;
    }
}
