package dev.bert4j.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * That a blob is downloaded once: by one process, through a lock that the system keeps on a file and that goes with the
 * process, and in that process by one thread. Whoever comes later waits.
 */
final class CacheLock implements AutoCloseable {
    /** The system's locks are a whole process's; a second one in it would be an error rather than a wait. */
    private static final ConcurrentMap<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();

    private final ReentrantLock inProcess;
    private final FileChannel channel;

    private CacheLock(ReentrantLock inProcess, FileChannel channel) {
        this.inProcess = inProcess;
        this.channel = channel;
    }

    /** Takes the lock, or waits for it. The file stays: who removed it could remove what another has just locked. */
    static CacheLock take(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        ReentrantLock inProcess =
                IN_PROCESS.computeIfAbsent(file.toAbsolutePath().normalize(), _ -> new ReentrantLock());
        inProcess.lock();
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.lock();
            return new CacheLock(inProcess, channel);
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            inProcess.unlock();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            inProcess.unlock();
        }
    }
}
