package dev.bert4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Closes a stream, so that a read that waits for it fails, when too little has come out of it for a while. Java's
 * client has no time-out once the body of an answer has begun.
 */
final class StallGuard implements AutoCloseable {
    /** A server that sends a byte now and then is as good as none. */
    static final int LEAST_BYTES = 1024;

    private final InputStream in;
    private final Executor later;
    private long sinceLastLook;
    private boolean stalled;
    private boolean closed;

    StallGuard(InputStream in, Duration timeout) {
        this.in = in;
        later = CompletableFuture.delayedExecutor(timeout.toNanos(), TimeUnit.NANOSECONDS);
        later.execute(this::look);
    }

    /** Hears that something came. */
    synchronized void received(int bytes) {
        sinceLastLook += bytes;
    }

    /** Whether the stream was closed for it. */
    synchronized boolean stalled() {
        return stalled;
    }

    private void look() {
        synchronized (this) {
            if (closed) {
                return;
            }
            stalled = sinceLastLook < LEAST_BYTES;
            sinceLastLook = 0;
            if (!stalled) {
                later.execute(this::look);
                return;
            }
        }
        try {
            in.close();
        } catch (IOException e) {
            // The read that waits says what is to be said.
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
