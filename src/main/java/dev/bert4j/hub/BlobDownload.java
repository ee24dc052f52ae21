package dev.bert4j.hub;

import dev.bert4j.hub.HubException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings one blob into the cache, under the lock of that blob. What has come of it lies beside its place, from where
 * the next try, or the next process, goes on; it takes its place when it has the announced size and hash.
 */
final class BlobDownload {
    /**
     * How the name of a part ends. Python's library, some versions of which resume parts of their own, holds locks that
     * Java's do not see: each keeps to its own parts.
     */
    static final String UNFINISHED = ".incomplete";
    private static final String OURS = ".bert4j" + UNFINISHED;

    /** That much brought by a try makes it count as none that failed. */
    private static final long GOOD_PROGRESS = 1 << 20;
    private static final int PIECE = 1 << 16;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-.*");

    private final HubClient client;
    private final HubSettings settings;
    private final RepoId repo;
    private final RemoteFile file;
    private final Path blob;
    private final Path part;
    /** Bytes that the content has, or -1 while nobody said. */
    private long size;

    BlobDownload(HubClient client, HubSettings settings, RepoId repo, RemoteFile file, Path blob) {
        this.client = client;
        this.settings = settings;
        this.repo = repo;
        this.file = file;
        this.blob = blob;
        part = blob.resolveSibling(blob.getFileName() + OURS);
        size = file.size();
    }

    /**
     * Downloads the blob.
     *
     * @throws HubException if it cannot be had, is not what was announced, or cannot be written; what is wrong does not
     *     stay behind
     */
    void run() throws IOException {
        Files.createDirectories(blob.getParent());
        try {
            complete();
        } catch (HubException e) {
            if (e.reason() == Reason.WRONG_ANSWER || e.reason() == Reason.CACHE) {
                // Nobody can go on from what is wrong, and a full disk needs the room.
                Files.deleteIfExists(part);
            }
            throw e;
        }
        Files.move(part, blob, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Makes the part what the blob is to be. */
    private void complete() throws IOException {
        if (!file.hasHash()) {
            // Nothing would show that the part of an earlier process is bad, and such files are small.
            Files.deleteIfExists(part);
        }
        boolean resumed = partSize() > 0;
        fetch();
        String hash = file.hasHash() ? Hashes.sha256(part) : file.etag();
        if (!hash.equals(file.etag()) && resumed) {
            // The part of an earlier try may have been bad: whether the hub is wrong shows only from the start.
            Files.delete(part);
            fetch();
            hash = Hashes.sha256(part);
        }
        if (!hash.equals(file.etag())) {
            throw wrong("it should have the SHA-256 " + file.etag() + " but what came has " + hash);
        }
    }

    private long partSize() throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    /** Tries until the part has the announced size. */
    private void fetch() throws IOException {
        Retries retries = new Retries(settings.patience(),
                file.name() + " of \"" + repo.name() + "\" could not be downloaded");
        long most = partSize();
        while (true) {
            long before = partSize();
            if (size >= 0 && before > size) {
                Files.delete(part);
                before = 0;
            }
            if (size > 0 && before == size) {
                settings.progress().update(file.name(), size, size);
                return;
            }
            try {
                receive(before);
                return;
            } catch (TransientException e) {
                // Beyond all tries so far: a server that makes it start anew again and again has to be an error.
                if (partSize() - most >= GOOD_PROGRESS) {
                    most = partSize();
                    retries.progressed();
                }
                retries.failed(e);
            }
        }
    }

    /** One request, and its body to the end. */
    private void receive(long have) throws IOException {
        HttpResponse<InputStream> answer = client.get(repo, file, have);
        try (InputStream in = answer.body()) {
            if (answer.statusCode() == 416 || answer.statusCode() == 206 && rangeStart(answer) != have) {
                // What is there does not go with what the server has: from the start, without it.
                Files.delete(part);
                throw new TransientException("the server could not go on at byte " + have, (Throwable) null);
            }
            long start = answer.statusCode() == 206 ? have : 0;
            long rest = answer.headers().firstValueAsLong("Content-Length").orElse(-1);
            if (size < 0 && rest >= 0) {
                size = start + rest;
            }
            if (size < 0 && !file.hasHash()) {
                throw wrong("the server names neither its size nor its SHA-256, so that nothing would tell a part from "
                        + "the whole");
            }
            if (rest >= 0 && start + rest != size) {
                throw wrong("it should have " + size + " bytes but would come with " + (start + rest));
            }
            copy(in, start);
        }
    }

    private static long rangeStart(HttpResponse<?> answer) {
        Matcher range = CONTENT_RANGE.matcher(answer.headers().firstValue("Content-Range").orElse(""));
        return range.matches() ? Long.parseLong(range.group(1)) : -1;
    }

    private void copy(InputStream in, long start) throws IOException {
        byte[] piece = new byte[PIECE];
        long done = start;
        settings.progress().update(file.name(), done, size);
        try (FileChannel out = open(); StallGuard guard = new StallGuard(in, settings.patience().timeout())) {
            for (int n = read(in, piece, guard); n >= 0; n = read(in, piece, guard)) {
                guard.received(n);
                if (size >= 0 && done + n > size) {
                    throw wrong("it should have " + size + " bytes but more came");
                }
                write(out, piece, n, done);
                done += n;
                settings.progress().update(file.name(), done, size);
            }
            if (done < size) {
                throw new TransientException("the connection ended after " + done + " of " + size + " bytes",
                        (Throwable) null);
            }
            sync(out, done);
        }
    }

    private int read(InputStream in, byte[] piece, StallGuard guard) throws IOException {
        try {
            return in.read(piece);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("The download was interrupted.");
            }
            String fault = guard.stalled() ? "fewer than " + StallGuard.LEAST_BYTES + " bytes came within "
                    + settings.patience().timeout().toMillis() / 1e3 + " s" : "the connection was cut";
            throw new TransientException(fault, e);
        }
    }

    private FileChannel open() throws IOException {
        try {
            return FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    private void write(FileChannel out, byte[] piece, int n, long at) throws IOException {
        try {
            if (at == 0) {
                out.truncate(0);
            }
            ByteBuffer bytes = ByteBuffer.wrap(piece, 0, n);
            for (long place = at; bytes.hasRemaining();) {
                place += out.write(bytes, place);
            }
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    /** Waits until all of it is on the disk, which on some file systems is when it turns out to be full. */
    private void sync(FileChannel out, long done) throws IOException {
        try {
            out.truncate(done);
            out.force(true);
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    /** What to say of a fault at writing; an interrupt that finds the file open closes it, and is none. */
    private IOException unwritten(IOException e) {
        if (e instanceof ClosedByInterruptException) {
            return new InterruptedIOException("The download was interrupted.");
        }
        long free = blob.getParent().toFile().getUsableSpace();
        return new HubException(Reason.CACHE, file.name() + " of \"" + repo.name() + "\""
                + (size < 0 ? "" : ", " + size + " bytes,") + " could not be written to " + blob.getParent()
                + " (" + e.getMessage() + "), where " + free
                + " bytes are free; the cache can be elsewhere (HF_HUB_CACHE).", e);
    }

    private HubException wrong(String fault) {
        return new HubException(Reason.WRONG_ANSWER, file.name() + " of \"" + repo.name() + "\" from "
                + settings.endpoint() + " is not what was announced: " + fault + ".");
    }
}
