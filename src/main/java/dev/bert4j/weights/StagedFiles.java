package dev.bert4j.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Files that are written beside those of a folder, under names of their own, and take their places when all of them are
 * complete. Closing removes what did not get that far.
 */
public final class StagedFiles implements AutoCloseable {
    private final Path folder;
    /** Closing does not happen where the program is ended from outside. */
    private final Thread onExit;
    private final String ending = "." + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp";
    /** The name to be → where it lies until then. */
    private final Map<String, Path> staged = Collections.synchronizedMap(new LinkedHashMap<>());

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

    /** Writes a file and waits until it is on the disk. */
    public void write(String name, Content content) throws IOException {
        Path temporary = folder.resolve(name + ending);
        staged.put(name, temporary);
        try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            content.writeTo(out);
            out.force(true);
        }
    }

    /**
     * Gives the files their names, in the order in which they were written. One that is there is replaced in one step,
     * so that whoever has it open or mapped keeps what it was.
     */
    public void putInPlace() throws IOException {
        for (Map.Entry<String, Path> file : staged.entrySet()) {
            Files.move(file.getValue(), folder.resolve(file.getKey()), StandardCopyOption.ATOMIC_MOVE);
        }
        staged.clear();
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
        for (Path temporary : List.copyOf(staged.values())) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                // What kept it from being written is worth more words than this.
            }
        }
    }
}
