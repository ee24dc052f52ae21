package dev.bert4j.cli;

import dev.bert4j.BertConfig;
import dev.bert4j.BertInput;
import dev.bert4j.BertModel;
import dev.bert4j.BertTokenizer;
import dev.bert4j.EncodeOptions;
import dev.bert4j.Encoding;
import dev.bert4j.Tensor;
import dev.bert4j.TruncationStrategy;
import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.weights.StagedFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert attention TEXT -o page.html}. */
@Command(name = "attention", mixinStandardHelpOptions = true,
        description = "Writes a page that shows where each token of a text looks, in every layer and head.")
final class AttentionCommand implements Callable<Integer> {
    /** The page grows with the square of the tokens. */
    private static final int MOST_TOKENS = 128;
    private static final float STEP = 10_000;
    private static final String PLACE = "/*DATA*/";

    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Parameters(index = "0", paramLabel = "TEXT", description = "The text.")
    private String text;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PAIR", description = "A second text.")
    private String pair;

    @Option(names = {"-o", "--output"}, required = true, paramLabel = "PAGE.html", description = "The page to write.")
    private Path output;

    AttentionCommand() {
    }

    @Override
    public Integer call() throws IOException {
        if (Files.isDirectory(output)) {
            throw new ParameterException(spec.commandLine(), output + " is a folder; name the page to write.");
        }
        Path folder = options.folder(null, Hub::download);
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(folder);
        Encoding encoding = tokenizer.encode(text, pair, EncodeOptions.defaults()
                .withTruncation(TruncationStrategy.LONGEST_FIRST)
                .withMaxLength(Math.min(Math.min(MOST_TOKENS, tokenizer.modelMaxLength()),
                        BertConfig.fromPretrained(folder).maxPositionEmbeddings())));
        String data;
        try (BertModel model = BertModel.fromPretrained(folder, backend.load().withoutPoolingLayer())) {
            data = Json.write(Answers.object("text", pair == null ? text : text + " | " + pair, "model",
                    Descriptions.of(model), "tokens", encoding.tokens(), "attention",
                    weights(model.forward(BertInput.of(encoding).withAttentions()).attentions())));
        }
        write(page().replace(PLACE, data.replace("<", "\\u003c")));
        if (encoding.isTruncated()) {
            spec.commandLine().getErr().println("bert: the text was cut to " + encoding.size() + " tokens.");
        }
        spec.commandLine().getOut().println(output);
        return 0;
    }

    /** For each layer and head the weights of all queries and keys, to four digits. */
    private static List<List<List<Float>>> weights(List<Tensor> attentions) {
        List<List<List<Float>>> layers = new ArrayList<>();
        for (Tensor layer : attentions) {
            int heads = layer.size(1);
            int each = layer.size(2) * layer.size(3);
            List<List<Float>> ofLayer = new ArrayList<>();
            for (int head = 0; head < heads; head++) {
                List<Float> all = new ArrayList<>(each);
                for (int i = 0; i < each; i++) {
                    all.add(Math.round(layer.data()[head * each + i] * STEP) / STEP);
                }
                ofLayer.add(all);
            }
            layers.add(ofLayer);
        }
        return layers;
    }

    private static String page() throws IOException {
        try (InputStream in = AttentionCommand.class.getResourceAsStream("attention.html")) {
            if (in == null) {
                throw new IOException("The page attention.html is missing in the jar.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Whole, or not at all; a device or a pipe gets it as it comes. */
    private void write(String page) throws IOException {
        Path file = Files.exists(output) ? output.toRealPath() : output;
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            Files.writeString(file, page, StandardOpenOption.WRITE);
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new IOException(output + " cannot be written: its folder is not there.");
        }
        if (!Files.isWritable(folder)) {
            throw new IOException(output + " cannot be written: its folder may not be written to.");
        }
        try (StagedFiles staged = new StagedFiles(folder)) {
            staged.write(file.getFileName().toString(), out -> {
                ByteBuffer bytes = ByteBuffer.wrap(page.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            });
            staged.putInPlace();
        }
    }
}
