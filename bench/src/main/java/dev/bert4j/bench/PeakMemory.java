package dev.bert4j.bench;

import java.io.IOException;

/**
 * The most memory that this process held for itself at any time since this was made, in MiB. The kernel keeps the peak
 * of all resident pages only, those of mapped files among them, so this looks every few milliseconds.
 */
final class PeakMemory implements AutoCloseable {
    private static final long EVERY_MILLIS = 5;

    private final Thread watcher = Thread.ofPlatform().daemon().name("peak-memory").start(this::watch);
    private volatile boolean ended;
    private volatile double most;

    private void watch() {
        try (OwnMemory memory = new OwnMemory()) {
            while (!ended) {
                most = Math.max(most, memory.mebibytes());
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (IOException | InterruptedException e) {
            // Not a system with /proc, or the end: what was seen until now counts.
            ended = true;
        }
    }

    double mebibytes() {
        return most;
    }

    @Override
    public void close() {
        ended = true;
        watcher.interrupt();
    }
}
