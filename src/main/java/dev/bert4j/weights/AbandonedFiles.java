package dev.bert4j.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Files under a first name whose process was killed before they got their last. Whoever writes one holds a lock of the
 * system's on it, which ends with the process.
 */
final class AbandonedFiles {
    /** Of first names: {@code NAME.<up to sixteen hexadecimal digits>.tmp}. */
    static final String ENDING = ".tmp";

    /** A file is not locked at the moment when it is made. */
    private static final Duration YOUNG = Duration.ofMinutes(1);

    private AbandonedFiles() {
    }

    /** Marks a file as wanted until its channel is closed, where the file system has locks. */
    static void claim(FileChannel channel) {
        try {
            channel.tryLock();
        } catch (IOException e) {
            // Then nobody else gets one either, and takes it for abandoned.
        }
    }

    /** Removes what is abandoned of those that were to get that name. Whatever keeps it from that is no matter. */
    static void remove(Path name) {
        Pattern first = Pattern.compile(Pattern.quote(name.getFileName().toString()) + "\\.[0-9a-f]{1,16}\\"
                + ENDING);
        try (Stream<Path> files = Files.list(name.toAbsolutePath().getParent())) {
            for (Path file : files.filter(file -> first.matcher(file.getFileName().toString()).matches()).toList()) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(YOUNG))) {
                    removeUnlessClaimed(file);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // It stays for the next time.
        }
    }

    private static void removeUnlessClaimed(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                Files.delete(file);
            }
        } catch (OverlappingFileLockException e) {
            // Somebody in this JVM writes it.
        }
    }
}
