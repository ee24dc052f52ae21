package dev.bert4j.cli;

import dev.bert4j.json.Json;
import dev.bert4j.json.JsonException;
import dev.bert4j.pipeline.TextPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The texts of a command: arguments, or the lines of files, or those of the standard input. */
final class TextArguments {
    /** What an object of a line may hold that a command uses. */
    private static final String TEXT = "text";
    private static final String PAIR = "text_pair";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Parameters(paramLabel = "TEXT", arity = "0..*",
            description = "Texts; where there are none, and no file, the lines of the standard input.")
    private List<String> texts = List.of();

    @Option(names = "--file", paramLabel = "FILE",
            description = "A file of UTF-8 with a text on each line; - is the standard input. Can be repeated.")
    private List<Path> files = List.of();

    @Option(names = "--json-lines",
            description = "Lines are JSON: strings, or objects with a \"text\" and perhaps a \"text_pair\".")
    private boolean jsonLines;

    @Option(names = "--batch-tokens", paramLabel = "N", defaultValue = "4096",
            description = "Tokens that go through the model at once, ${DEFAULT-VALUE} by default; with 1, every line "
                    + "is answered when it has come.")
    private int batchTokens;

    TextArguments() {
    }

    int batchTokens() {
        return batchTokens;
    }

    /** Whether lines are JSON. */
    boolean jsonLines() {
        return jsonLines;
    }

    /** The text of a line, as {@link #texts} gives it. */
    String text(String line, String place) {
        return jsonLines ? single(parsed(line, place)) : line;
    }

    /** The one file that the texts are in: named by --file, or by an argument that is a file; else null. */
    Path onlyFile() {
        if (texts.size() == 1 && files.isEmpty() && isFile(texts.getFirst())) {
            return Path.of(texts.getFirst());
        }
        return texts.isEmpty() && files.size() == 1 ? files.getFirst() : null;
    }

    private static boolean isFile(String text) {
        try {
            return Files.isRegularFile(Path.of(text));
        } catch (InvalidPathException e) {
            // On Windows a question mark is enough.
            return false;
        }
    }

    /** Where a single argument is none of a file, the words that say so; else none. */
    String missingFile() {
        return texts.size() == 1 && files.isEmpty() ? ", and there is no file " + texts.getFirst() : "";
    }

    /** Whether there may be more than one text. */
    boolean several() {
        return texts.size() != 1 || !files.isEmpty();
    }

    /** The length of all texts together if they are arguments; else more than anybody would call little. */
    int characters() {
        return files.isEmpty() && !texts.isEmpty() ? texts.stream().mapToInt(String::length).sum() : Integer.MAX_VALUE;
    }

    /** The texts, those of lines read as they are wanted. */
    Stream<TextPair> pairs() throws IOException {
        if (jsonLines && !texts.isEmpty() && files.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--json-lines is for lines, but the texts are arguments.");
        }
        texts.stream().filter(TextArguments::isFile).findFirst().ifPresent(text ->
                spec.commandLine().getErr().println("bert: the name of the file " + text + " was taken as a text; give"
                        + " --file " + text + " for its lines."));
        List<LineReader> readers = new ArrayList<>();
        for (Path file : files) {
            readers.add(LineReader.of(file));
        }
        if (texts.isEmpty() && files.isEmpty()) {
            LineReader lines = LineReader.standardInput();
            if (lines.isTerminal() || !lines.hasNext()) {
                throw new ParameterException(spec.commandLine(), "There is no text; give one or more as arguments, in"
                        + " files with --file, or one a line in the standard input.");
            }
            readers.add(lines);
        }
        Progress progress = progress(readers);
        // One iterator, for a stream made of streams would hold all lines of a file before it gave the first.
        Iterator<TextPair> all = new Iterator<>() {
            private final Iterator<String> given = texts.iterator();
            private int reader;

            @Override
            public boolean hasNext() {
                while (!given.hasNext() && reader < readers.size() && !readers.get(reader).hasNext()) {
                    reader++;
                }
                return given.hasNext() || reader < readers.size();
            }

            @Override
            public TextPair next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                if (given.hasNext()) {
                    return new TextPair(given.next(), null);
                }
                String line = readers.get(reader).next();
                if (progress != null) {
                    progress.stepTo(readers.stream().mapToLong(LineReader::bytes).sum());
                }
                return jsonLines ? parsed(line, readers.get(reader).place()) : new TextPair(line, null);
            }
        };
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(all, Spliterator.ORDERED), false)
                .onClose(() -> {
                    readers.forEach(LineReader::close);
                    if (progress != null) {
                        progress.close();
                    }
                });
    }

    /** For lines whose answers go to a file; where they are seen as they come, there is none, and null. */
    private Progress progress(List<LineReader> readers) throws IOException {
        if (readers.isEmpty() || !Terminal.file() || !Terminal.err()) {
            return null;
        }
        long total = 0;
        for (Path file : files) {
            total += Files.isRegularFile(file) ? Files.size(file) : 0;
        }
        return Progress.ofBytes(spec.name(), 0, total, spec.commandLine().getErr());
    }

    /** The texts, of a command that takes no pairs. */
    Stream<String> texts() throws IOException {
        return pairs().map(TextArguments::single);
    }

    private static String single(TextPair pair) {
        if (pair.textPair() != null) {
            throw new IllegalArgumentException("\"" + pair.text() + "\" has a " + PAIR
                    + ", but this command takes single texts.");
        }
        return pair.text();
    }

    private static TextPair parsed(String line, String place) {
        Object value;
        try {
            value = Json.parse(line, place);
        } catch (JsonException e) {
            throw new UncheckedIOException(e);
        }
        if (value instanceof String text) {
            return new TextPair(text, null);
        }
        if (value instanceof Map<?, ?> object && object.get(TEXT) instanceof String text
                && (object.get(PAIR) == null || object.get(PAIR) instanceof String)) {
            return new TextPair(text, (String) object.get(PAIR));
        }
        throw new UncheckedIOException(new IOException(place + ": it must be a JSON string, or an object with a string"
                + " \"" + TEXT + "\" and perhaps a string \"" + PAIR + "\"."));
    }
}
