package dev.bert4j.cli;

import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.Calibration;
import dev.bert4j.EncodeOptions;
import dev.bert4j.InputRanges;
import dev.bert4j.LoadOptions;
import dev.bert4j.TruncationStrategy;
import dev.bert4j.json.Json;
import dev.bert4j.weights.Checkpoint;
import dev.bert4j.weights.CheckpointQuantizer;
import dev.bert4j.weights.CheckpointQuantizer.Quantized;
import dev.bert4j.weights.InputStatistics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert quantize DIR OUT --int8}. */
@Command(name = "quantize", mixinStandardHelpOptions = true,
        description = "Writes a model with the matrices of its layers as int8, in a quarter of the bytes.")
final class QuantizeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The model folder.")
    private Path source;

    @Parameters(index = "1", paramLabel = "OUT", description = "The folder to write.")
    private Path target;

    @Option(names = "--int8", required = true,
            description = "Integers of eight bits with a scale for each output channel, and for each input "
                    + "channel behind a layer normalisation.")
    private boolean int8;

    @Option(names = "--embeddings", description = "The lookup tables, too, with a scale for each row.")
    private boolean embeddings;

    @Option(names = "--calibrate", paramLabel = "FILE",
            description = "Texts like those to come, one a line (- for standard input): rounding is chosen by what it "
                    + "changes on them.")
    private Path texts;

    @Option(names = "--force", description = "Replace files that are there already.")
    private boolean force;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    QuantizeCommand() {
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.exists(source)) {
            throw new ParameterException(spec.commandLine(), "There is no model folder " + source + ".");
        }
        if (target.toString().isBlank()) {
            throw new ParameterException(spec.commandLine(), "OUT must name the folder to write.");
        }
        Quantized quantized = quantized();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("files", quantized.files().stream().map(Path::toString).toList());
            result.put("matrices", quantized.matrices());
            result.put("bytes_before", quantized.bytesBefore());
            result.put("bytes_after", quantized.bytesAfter());
            out.println(Json.write(result));
            return 0;
        }
        for (Path file : quantized.files()) {
            out.println("file        " + file + "  " + String.format(Locale.ROOT, "%,d bytes", Files.size(file)));
        }
        out.println("matrices    " + quantized.matrices() + " as int8");
        out.println("weights     " + Sizes.of(quantized.bytesAfter()) + " of " + Sizes.of(quantized.bytesBefore()));
        return 0;
    }

    private Quantized quantize(Function<String, InputStatistics> inputs) throws IOException {
        try (Progress progress = Progress.ofPercent("quantise", spec.commandLine().getErr())) {
            return CheckpointQuantizer.quantize(source, target, embeddings, force, inputs, progress::stepTo);
        }
    }

    private Quantized quantized() throws IOException {
        List<String> lines = texts == null ? List.of()
                : LineReader.lines(texts).stream().filter(line -> !line.isBlank()).toList();
        if (texts != null && lines.isEmpty()) {
            throw new IOException(LineReader.name(texts)
                    + " has no text to calibrate on; give some lines like those to come.");
        }
        // Exactly, whatever is asked for elsewhere: the file that is written depends on it.
        LoadOptions exactly = LoadOptions.defaults().withoutPoolingLayer().withBackend("cpu");
        try (BertModel model = BertModel.fromPretrained(source, exactly)) {
            if (texts == null) {
                return quantize(new InputRanges(model));
            }
            BertTokenizer tokenizer = BertTokenizer.fromPretrained(Checkpoint.folder(source));
            EncodeOptions options = EncodeOptions.defaults().withTruncation(TruncationStrategy.LONGEST_FIRST)
                    .withMaxLength(model.config().maxPositionEmbeddings());
            return quantize(new Calibration(model, lines.stream()
                    .map(line -> BertInput.of(tokenizer.encode(line, options))).toList()));
        }
    }
}
