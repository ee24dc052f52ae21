package dev.bert4j.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Files that are written beside those of a folder, under names of their own, and take their places when all of them are
 * complete. Closing removes what did not get that far; what a process that was killed has left goes when the same file
 * is written the next time.
 */
public final class StagedFiles implements AutoCloseable {
    private final Path folder;
    /** Closing does not happen where the program is ended from outside. */
    private final Thread onExit;
    private final String suffix = "." + Long.toHexString(ThreadLocalRandom.current().nextLong())
            + AbandonedFiles.ENDING;
    /** The name to be → where it lies until then. Its lock is held while files take their places. */
    private final Map<String, Staged> staged = new LinkedHashMap<>();

    /** A file under its first name, and the channel whose lock says that somebody still wants it. */
    private record Staged(Path path, FileChannel channel) {
    }

    /** For that folder, which is there. */
    public StagedFiles(Path folder) {
        this(folder, List.of());
    }

    /**
     * For a folder that was made for them.
     *
     * @param made what was made, outermost first; it goes again if the program is ended before anything is in place
     */
    StagedFiles(Path folder, List<Path> made) {
        this.folder = folder;
        onExit = new Thread(() -> {
            removeStaged();
            // Not those that anything is in.
            made.reversed().forEach(each -> each.toFile().delete());
        });
        try {
            Runtime.getRuntime().addShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // The program is ending already.
        }
    }

    /** What fills a file. */
    @FunctionalInterface
    public interface Content {
        /** Writes all of it. */
        void writeTo(WritableByteChannel out) throws IOException;
    }

    /** What belongs to an exchange of files beside them. */
    @FunctionalInterface
    interface Step {
        /** Does it. */
        void run() throws IOException;
    }

    /** Writes a file and waits until it is on the disk. */
    public void write(String name, Content content) throws IOException {
        AbandonedFiles.remove(folder.resolve(name));
        Path temporary = folder.resolve(name + suffix);
        FileChannel out;
        synchronized (staged) {
            out = FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            staged.put(name, new Staged(temporary, out));
        }
        AbandonedFiles.claim(out);
        content.writeTo(out);
        out.force(true);
    }

    /**
     * Gives the files their names, in the order in which they were written. One that is there is replaced in one step,
     * so that whoever has it open or mapped keeps what it was. A program that is ended from outside finishes it.
     */
    public void putInPlace() throws IOException {
        synchronized (staged) {
            for (String name : List.copyOf(staged.keySet())) {
                move(name);
            }
        }
    }

    /**
     * The same for files of which one makes the folder what it is, as a config does: if it is among them, an earlier
     * one is removed first and the new one comes last. So whoever is killed in the middle leaves a folder that is
     * refused, and not a model with the tokenizer of another.
     *
     * @param last the name of that file
     * @param beforeIt what is to be done before it comes, or before the end if it is not among them
     */
    void putInPlace(String last, Step beforeIt) throws IOException {
        synchronized (staged) {
            List<String> names = new ArrayList<>(staged.keySet());
            if (names.remove(last)) {
                Files.deleteIfExists(folder.resolve(last));
            }
            for (String name : names) {
                move(name);
            }
            beforeIt.run();
            putInPlace();
        }
    }

    private void move(String name) throws IOException {
        Staged file = staged.get(name);
        Files.move(file.path(), folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        staged.remove(name);
        file.channel().close();
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // It runs.
        }
        removeStaged();
    }

    private void removeStaged() {
        synchronized (staged) {
            for (Staged file : staged.values()) {
                try (FileChannel _ = file.channel()) {
                    Files.deleteIfExists(file.path());
                } catch (IOException e) {
                    // What kept it from being written is worth more words than this.
                }
            }
            staged.clear();
        }
    }
}
