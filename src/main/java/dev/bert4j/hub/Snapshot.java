package dev.bert4j.hub;

import dev.bert4j.hub.HubException.Reason;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of one model at one commit, brought into the cache as they are asked for. The first file decides which
 * commit the revision stands for, and whether the hub can be asked; all others keep to that. Not thread-safe.
 */
final class Snapshot implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Snapshot.class.getPackageName());

    private final HubSettings settings;
    private final RepoId repo;
    private final RepoCache cache;
    /** Made for the first request, for most models are in the cache. */
    private HubClient client;
    /** What the revision stands for, or null while nobody said. */
    private String commit;
    /** Whether the cache gave a file before the hub was asked for any. */
    private boolean begunFromCache;
    /** Why the hub is asked no more, or null. */
    private HubException refusal;

    Snapshot(HubSettings settings, RepoId repo) throws IOException {
        this.settings = settings;
        this.repo = repo;
        cache = RepoCache.of(settings, repo);
        commit = settings.offline() ? cache.commit(settings.revision()) : isPinned() ? settings.revision() : null;
    }

    /** Whether the revision is a commit, which does not change, so that the hub has nothing new to say of it. */
    boolean isPinned() {
        return RemoteFile.isCommit(settings.revision());
    }

    private boolean isOffline() {
        return settings.offline() || refusal != null;
    }

    /** Whether the cache has the file, and needs not ask whether it is the right one. */
    boolean isCached(String file) {
        return commit != null && cache.find(commit, file) != null;
    }

    /**
     * A file that the model must have.
     *
     * @throws HubException if it has none, or it cannot be had
     */
    Path require(String file) throws IOException {
        Path found = find(file);
        if (found == null) {
            throw none("file", List.of(file));
        }
        return found;
    }

    /**
     * A file that the model may have.
     *
     * @return its path, or null if it has none; or, where the hub is not asked, if there is none in the cache
     * @throws HubException if there may be one but it cannot be had
     */
    Path find(String file) throws IOException {
        if (isCached(file)) {
            begunFromCache |= client == null;
            return cache.find(commit, file);
        }
        if (isOffline() || commit != null && cache.isKnownToBeAbsent(commit, file)) {
            return null;
        }
        RemoteFile remote;
        try {
            remote = ask(file);
        } catch (HubException e) {
            if (e.reason() == Reason.ENTRY_NOT_FOUND) {
                noteAbsent(file);
                return null;
            }
            return withoutHub(file, e);
        }
        commit = remote.commit();
        begunFromCache = false;
        try {
            return bring(remote);
        } catch (FileSystemException e) {
            throw new HubException(Reason.CACHE, "The cache " + settings.cache() + " cannot be written: "
                    + e.getClass().getSimpleName() + " at " + e.getMessage()
                    + "; it can be elsewhere (HF_HUB_CACHE).", e);
        }
    }

    /** Asks once where the cache can answer instead, else as often as patience has it. */
    private RemoteFile ask(String file) throws IOException {
        if (client == null) {
            client = new HubClient(settings);
        }
        boolean spare = begunFromCache || inOlderCommit(file);
        String revision = commit == null ? settings.revision() : commit;
        RemoteFile remote = Retries.run(spare ? settings.patience().withAttempts(1) : settings.patience(),
                file + " of \"" + repo.name() + "\" could not be looked up", () -> client.head(repo, revision, file));
        if (commit != null && !commit.equals(remote.commit())) {
            throw new HubException(Reason.WRONG_ANSWER, settings.endpoint() + " answers for the commit "
                    + remote.commit() + " of \"" + repo.name() + "\" where " + commit + " was asked for.");
        }
        return remote;
    }

    /** Whether the cache has the file of the commit that the revision stood for when the hub was last asked. */
    private boolean inOlderCommit(String file) throws IOException {
        String older = commit == null ? cache.commit(settings.revision()) : null;
        return older != null && cache.find(older, file) != null;
    }

    /**
     * What the hub does not give may be in the cache from another day, and then all of the model comes from there. A
     * revision that is gone is gone, though.
     */
    private Path withoutHub(String file, HubException why) throws IOException {
        if (why.reason() == Reason.REVISION_NOT_FOUND || !begunFromCache && !inOlderCommit(file)) {
            throw why;
        }
        LOG.log(Level.WARNING, why.getMessage() + " What the cache has of \"" + repo.name() + "\" is used as it is.");
        refusal = why;
        commit = commit == null ? cache.commit(settings.revision()) : commit;
        return cache.find(commit, file);
    }

    private Path bring(RemoteFile remote) throws IOException {
        Path there = cache.find(commit, remote.name());
        if (there != null && isWhole(there, remote)) {
            return there;
        }
        Path blob = cache.blob(remote.etag());
        try (var _ = CacheLock.take(cache.lock(remote.etag()))) {
            if (!isWhole(blob, remote)) {
                new BlobDownload(client, settings, repo, remote, blob).run();
            }
            cache.link(remote.etag(), commit, remote.name());
        }
        return cache.find(commit, remote.name());
    }

    private static boolean isWhole(Path file, RemoteFile remote) throws IOException {
        return Files.isRegularFile(file) && (remote.size() < 0 || Files.size(file) == remote.size());
    }

    private void noteAbsent(String file) throws IOException {
        if (commit != null) {
            try {
                cache.noteAbsent(commit, file);
            } catch (FileSystemException e) {
                // Then it will be asked again.
            }
        }
    }

    /** What to say where none of some files is there, of which one must be. */
    HubException none(String what, List<String> files) {
        String names = files.size() == 1 ? files.getFirst()
                : String.join(", ", files.subList(0, files.size() - 1)) + " or " + files.getLast();
        String model = "the model \"" + repo.name() + "\"";
        String revision = "the revision \"" + settings.revision() + "\"";
        if (!isOffline()) {
            return new HubException(Reason.ENTRY_NOT_FOUND, "At " + settings.endpoint() + " " + model + " has no "
                    + what + " in " + revision + ": no " + names + ".");
        }
        return new HubException(refusal == null ? Reason.OFFLINE : refusal.reason(), "The cache " + settings.cache()
                + " has no " + names + " of " + model + " for " + revision + ", and "
                + (refusal == null ? "nobody may be asked for it: fetch it once without HF_HUB_OFFLINE."
                : "the hub does not give it: " + refusal.getMessage()), refusal);
    }

    /**
     * The folder with the files, once all of them are there; from now on the revision stands for their commit, also
     * where the hub cannot be asked.
     */
    Path finish() throws IOException {
        if (!isOffline() && !isPinned()) {
            try {
                cache.noteCommit(settings.revision(), commit);
            } catch (FileSystemException e) {
                // A cache that cannot be written serves what it has.
            }
        }
        return cache.snapshot(commit);
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
    }
}
