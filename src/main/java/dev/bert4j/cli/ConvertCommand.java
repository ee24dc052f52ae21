package dev.bert4j.cli;

import dev.bert4j.SaveOptions;
import dev.bert4j.json.Json;
import dev.bert4j.weights.CheckpointConverter;
import dev.bert4j.weights.CheckpointConverter.Converted;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert convert DIR}. */
@Command(name = "convert", mixinStandardHelpOptions = true,
        description = "Writes the weights of a pytorch_model.bin, or of its shards, as model.safetensors beside it.")
final class ConvertCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "The model folder.")
    private Path source;

    @Option(names = "--output", paramLabel = "DIR",
            description = "Write to this folder instead, with the config and the tokenizer's files.")
    private Path output;

    @Option(names = "--max-shard-size", paramLabel = "BYTES",
            description = "Write several files where one would have more bytes of weights; by default 5000000000.")
    private Long maxShardSize;

    @Option(names = "--force", description = "Replace files that are there already.")
    private boolean force;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    ConvertCommand() {
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.exists(source)) {
            throw new ParameterException(spec.commandLine(), "There is no model folder " + source + ".");
        }
        SaveOptions save = SaveOptions.defaults();
        if (maxShardSize != null) {
            save = save.withMaxShardSize(maxShardSize);
        }
        Path beside = Files.isDirectory(source) ? source : source.toAbsolutePath().getParent();
        Converted converted = CheckpointConverter.convert(source, output == null ? beside : output,
                save.maxShardSize(), force);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.write(json(converted)));
            return 0;
        }
        for (Path file : converted.files()) {
            out.println("file        " + file + "  " + String.format(Locale.ROOT, "%,d bytes", Files.size(file)));
        }
        out.println("tensors     " + converted.tensors());
        converted.leftOut().forEach((name, same) -> out.println("left out    " + name + ", the same as " + same));
        return 0;
    }

    private static Map<String, Object> json(Converted converted) throws IOException {
        Map<String, Object> files = new LinkedHashMap<>();
        for (Path file : converted.files()) {
            files.put(file.toString(), Files.size(file));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("files", files);
        result.put("tensors", converted.tensors());
        result.put("left_out", converted.leftOut());
        return result;
    }
}
