package dev.bert4j.hub;

import java.nio.file.Path;
import java.util.List;

/**
 * A model in a cache.
 *
 * @param name {@code name} or {@code org/name}
 * @param folder all that the cache has of it
 * @param bytes what its files take on the disk, each counted once
 * @param revisions the branches and tags that were asked for by name, in order
 * @param commits the commits of which there are files, in order
 */
public record CachedModel(String name, Path folder, long bytes, List<String> revisions, List<String> commits) {
    /** Copies the lists. */
    public CachedModel {
        revisions = List.copyOf(revisions);
        commits = List.copyOf(commits);
    }
}
