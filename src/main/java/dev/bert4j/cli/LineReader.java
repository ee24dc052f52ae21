package dev.bert4j.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** The lines of a file or of the standard input, read as they are wanted; what is not UTF-8 is refused. */
final class LineReader implements Iterator<String> {
    private static final Path STANDARD_INPUT = Path.of("-");

    private final Counted bytes;
    private final BufferedReader in;
    private final String name;
    private final boolean standard;
    private long line;
    private String next;

    private LineReader(InputStream in, String name, boolean standard) {
        // A decoder that was asked for by hand reports what it cannot read, and does not put a mark in its place.
        bytes = new Counted(in);
        this.in = new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder()));
        this.name = name;
        this.standard = standard;
    }

    static LineReader standardInput() {
        return new LineReader(System.in, name(STANDARD_INPUT), true);
    }

    /** The lines of a file, or of the standard input if it is called "-". */
    static LineReader of(Path file) throws IOException {
        return file.equals(STANDARD_INPUT) ? standardInput() : new LineReader(open(file), name(file), false);
    }

    /** What a file is called in sentences. */
    static String name(Path file) {
        return file.equals(STANDARD_INPUT) ? "the standard input" : file.toString();
    }

    /** All lines of a file, or of the standard input if it is called "-". */
    static List<String> lines(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        LineReader reader = of(file);
        try {
            reader.forEachRemaining(lines::add);
        } finally {
            reader.close();
        }
        return lines;
    }

    private static InputStream open(Path file) throws IOException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new IOException(file + " is " + (Files.isDirectory(file) ? "a folder" : Files.exists(file)
                    ? "not readable" : "not there") + "; it must be a file of text.");
        }
        return Files.newInputStream(file);
    }

    /** The whole text of a file, or of the standard input if it is called "-". */
    static String all(Path file) throws IOException {
        byte[] bytes;
        if (file.equals(STANDARD_INPUT)) {
            bytes = System.in.readAllBytes();
        } else {
            try (InputStream in = open(file)) {
                bytes = in.readAllBytes();
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not UTF-8 text.", e);
        }
    }

    /** Bytes that were read; some more than those of the lines. */
    long bytes() {
        return bytes.count;
    }

    /** Whether a person would have to type the lines. */
    boolean isTerminal() {
        Console console = standard ? System.console() : null;
        return console != null && console.isTerminal();
    }

    /** Where the line that was read last stands. */
    String place() {
        return name + ", line " + line;
    }

    @Override
    public boolean hasNext() {
        if (next == null) {
            try {
                next = in.readLine();
                // Some editors begin a file with a byte order mark, which is no part of its text.
                if (line == 0 && next != null && next.startsWith("\uFEFF")) {
                    next = next.substring(1);
                }
            } catch (CharacterCodingException e) {
                throw new UncheckedIOException(new IOException(name + " is not UTF-8 text, in line " + (line + 1)
                        + " or behind it.", e));
            } catch (IOException e) {
                throw new UncheckedIOException(new IOException(name + " could not be read: " + e.getMessage(), e));
            }
        }
        return next != null;
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        String result = next;
        next = null;
        line++;
        return result;
    }

    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count += value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] to, int from, int length) throws IOException {
            int read = super.read(to, from, length);
            count += Math.max(read, 0);
            return read;
        }
    }

    /** Closes the file; the standard input stays open. */
    void close() {
        try {
            if (!standard) {
                in.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
