package dev.bert4j.cli;

import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.sentence.SentenceEncoder;
import dev.bert4j.sentence.SentenceOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bert embed TEXT…}, and {@code bert embed FILE -o vectors.npy}. */
@Command(name = "embed", mixinStandardHelpOptions = true,
        description = "Prints the vectors of texts; with --json, one object a line: text and embedding. With -o, the "
                + "lines of one FILE become a matrix of NumPy, and a run that was killed goes on where it was.")
final class EmbedCommand implements Callable<Integer> {
    /** Texts that are read before they are encoded together. */
    private static final int TEXTS = 128;
    private static final int SHOWN = 4;

    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Mixin
    private TextArguments arguments;

    @Mixin
    private SentenceArguments sentence;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE.npy",
            description = "Write a float32 matrix of NumPy, a row for each line of the one FILE.")
    private Path output;

    EmbedCommand() {
    }

    @Override
    public Integer call() throws IOException {
        Path folder = options.folder(null, Hub::download);
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(folder, backend.load())) {
            SentenceOptions how = sentence.options(arguments.batchTokens());
            if (output != null) {
                return toFile(encoder, how, folder);
            }
            try (Stream<String> texts = arguments.texts()) {
                Iterator<String> all = texts.iterator();
                // One text a time where answers are wanted as they come.
                int most = arguments.batchTokens() == 1 ? 1 : TEXTS;
                List<String> some = new ArrayList<>();
                while (all.hasNext()) {
                    some.add(all.next());
                    if (some.size() == most || !all.hasNext()) {
                        print(some, encoder.encode(some, how));
                        some.clear();
                    }
                    if (spec.commandLine().getOut().checkError()) {
                        break;
                    }
                }
            }
        }
        return 0;
    }

    private void print(List<String> texts, float[][] vectors) {
        PrintWriter out = spec.commandLine().getOut();
        for (int i = 0; i < vectors.length; i++) {
            if (options.json()) {
                List<Float> values = new ArrayList<>();
                for (float value : vectors[i]) {
                    values.add(value);
                }
                out.println(Json.write(Answers.object("text", texts.get(i), "embedding", values)));
            } else {
                StringBuilder line = new StringBuilder();
                for (int k = 0; k < Math.min(SHOWN, vectors[i].length); k++) {
                    line.append(String.format(Locale.ROOT, "%8.4f ", vectors[i][k]));
                }
                out.println(line + "… " + vectors[i].length + " values  " + texts.get(i));
            }
        }
    }

    /** What the rows depend on beside the lines: the options, and the files of the model as they are now. */
    static String identity(Path folder, SentenceOptions how) throws IOException {
        Path real = folder.toRealPath();
        StringBuilder all = new StringBuilder(real + "\0" + how);
        try (Stream<Path> files = Files.walk(real)) {
            // Of all that may lie there what a model is made of; the matrix itself may, too.
            for (Path file : files.filter(Files::isRegularFile).filter(file -> file.toString()
                    .matches(".*\\.(json|safetensors|bin)|.*vocab\\.txt")).sorted().toList()) {
                all.append('\0').append(real.relativize(file)).append('\0').append(Files.size(file)).append('\0')
                        .append(Files.getLastModifiedTime(file).toMillis());
            }
        }
        return all.toString();
    }

    private int toFile(SentenceEncoder encoder, SentenceOptions how, Path folder) throws IOException {
        Path input = arguments.onlyFile();
        if (input == null) {
            throw new ParameterException(spec.commandLine(), "With -o the texts must be the lines of one file"
                    + arguments.missingFile() + ".");
        }
        if (output.toString().isBlank() || Files.exists(output) && !Files.isRegularFile(output)) {
            throw new ParameterException(spec.commandLine(), "-o must name a file to write, not '" + output + "'.");
        }
        if (!Files.isRegularFile(input)) {
            throw new ParameterException(spec.commandLine(), "With -o the texts must be in a file that can be read"
                    + " again, not in " + input + ".");
        }
        if (Files.exists(output) && Files.isSameFile(input, output)) {
            throw new ParameterException(spec.commandLine(), "-o names the file of the texts, " + input
                    + ", which would be lost.");
        }
        if (Files.exists(output)) {
            // Through a link to what it leads to.
            output = output.toRealPath();
        }
        int width = how.truncateDim() > 0 ? how.truncateDim() : encoder.dimension();
        String identity = identity(folder, how) + arguments.jsonLines();
        LineReader lines = LineReader.of(input);
        try (NpyFile matrix = NpyFile.open(output, input, identity, width)) {
            long done = matrix.rows();
            if (done > 0) {
                spec.commandLine().getErr().println("bert: going on behind " + done + " lines that were done before.");
            }
            for (long i = 0; i < done; i++) {
                lines.next();
            }
            try (Progress progress = Progress.ofBytes("embed", lines.bytes(), Files.size(input),
                    spec.commandLine().getErr())) {
                List<String> some = new ArrayList<>();
                while (lines.hasNext()) {
                    some.add(arguments.text(lines.next(), lines.place()));
                    if (some.size() == TEXTS || !lines.hasNext()) {
                        matrix.append(encoder.encode(some, how));
                        some.clear();
                        progress.stepTo(lines.bytes());
                    }
                }
            }
            long rows = matrix.finish();
            spec.commandLine().getOut().println(output + "  " + rows + " x " + width);
        } finally {
            lines.close();
        }
        return 0;
    }
}
