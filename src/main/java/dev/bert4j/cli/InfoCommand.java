package dev.bert4j.cli;

import dev.bert4j.AutoModel;
import dev.bert4j.BertConfig;
import dev.bert4j.BertModel;
import dev.bert4j.LoadOptions;
import dev.bert4j.PreTrainedModel;
import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.weights.Checkpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert info [MODEL]}. */
@Command(name = "info", mixinStandardHelpOptions = true,
        description = "Prints the module tree of a model, its size, and the files that it lies in.")
final class InfoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Parameters(arity = "0..1", paramLabel = "MODEL", description = "A folder or a name; by default that of --model.")
    private String folder;

    InfoCommand() {
    }

    @Override
    public Integer call() throws IOException {
        Path path = options.folder(folder, Hub::model);
        PrintWriter out = spec.commandLine().getOut();
        try (PreTrainedModel model = open(path, backend.load())) {
            if (options.json()) {
                out.println(Json.write(json(path, model)));
                return 0;
            }
            out.println(model);
            out.println();
            out.println("parameters  " + String.format(Locale.ROOT, "%,d", model.numParameters()));
            out.println("weights     " + Descriptions.types(model));
            out.println("backend     " + Descriptions.backend(model));
            for (Path file : model.checkpoint().files()) {
                out.println("file        " + file + "  " + String.format(Locale.ROOT, "%,d bytes", Files.size(file)));
            }
            if (!model.loadingInfo().unused().isEmpty()) {
                out.println("not used    " + String.join(", ", model.loadingInfo().unused()));
            }
        }
        return 0;
    }

    /** The class that the config names, where it is one that we have; else the model below every head. */
    private static PreTrainedModel open(Path path, LoadOptions load) throws IOException {
        BertConfig config = BertConfig.fromPretrained(Checkpoint.folder(path));
        if (!Collections.disjoint(config.architectures(), AutoModel.classes())) {
            return AutoModel.fromPretrained(path, load.withConfig(config));
        }
        return BertModel.fromPretrained(path, load.withConfig(config));
    }

    private static Map<String, Object> json(Path path, PreTrainedModel model) throws IOException {
        Map<String, Object> files = new LinkedHashMap<>();
        for (Path file : model.checkpoint().files()) {
            files.put(file.toString(), Files.size(file));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("model", path.toString());
        result.put("class", model.getClass().getSimpleName());
        result.put("parameters", model.numParameters());
        result.put("weights", Descriptions.types(model));
        result.put("backend", model.backend().name());
        result.put("files", files);
        result.put("unused", model.loadingInfo().unused());
        result.put("modules", model.toString());
        return result;
    }
}
