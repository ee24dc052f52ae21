package dev.bert4j.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * The models that a cache has, whoever downloaded them. It asks no hub.
 *
 * <pre>{@code
 * for (CachedModel model : HubCache.of(HubOptions.defaults()).list()) { … }
 * }</pre>
 */
public final class HubCache {
    private final Path folder;

    private HubCache(Path folder) {
        this.folder = folder;
    }

    /**
     * What was found in the files of a model.
     *
     * @param checked files whose content was compared with the hash that they are named by
     * @param unchecked files whose names say nothing of their content
     * @param faults a sentence each; empty if all is well
     */
    public record Verification(int checked, int unchecked, List<String> faults) {
        /** Copies the list. */
        public Verification {
            faults = List.copyOf(faults);
        }
    }

    /** The cache of options, or that of the environment where they name none. */
    public static HubCache of(HubOptions options) throws IOException {
        // Offline, so that no token is read.
        return new HubCache(HubSettings.of(options.withOffline(true)).cache());
    }

    /** Where it is. */
    public Path folder() {
        return folder;
    }

    /** The models, in the order of their names; none if there is no cache. */
    public List<CachedModel> list() throws IOException {
        List<CachedModel> models = new ArrayList<>();
        for (Path entry : entries(folder)) {
            RepoId repo = RepoId.ofFolder(entry.getFileName().toString());
            if (repo != null && Files.isDirectory(entry)) {
                models.add(new CachedModel(repo.name(), entry, bytes(entry), files(entry.resolve("refs")),
                        entries(entry.resolve("snapshots")).stream().map(commit -> commit.getFileName().toString())
                                .toList()));
            }
        }
        models.sort(Comparator.comparing(CachedModel::name));
        return models;
    }

    /**
     * Compares all contents of a model with the hashes that they are named by, and looks for links that lead nowhere.
     *
     * @throws IllegalArgumentException if the cache does not have the model
     */
    public Verification verify(String name) throws IOException {
        Path model = require(name);
        List<String> faults = new ArrayList<>();
        int checked = 0;
        int unchecked = 0;
        for (Path blob : entries(model.resolve("blobs"))) {
            String etag = blob.getFileName().toString();
            if (!Files.exists(blob)) {
                faults.add(blob + " is a link to a file that is not there.");
            } else if (!etag.endsWith(BlobDownload.UNFINISHED)) {
                String hash = Hashes.ofKind(etag, blob);
                checked += hash == null ? 0 : 1;
                unchecked += hash == null ? 1 : 0;
                if (hash != null && !hash.equals(etag)) {
                    faults.add(blob + ", " + Files.size(blob) + " bytes, is damaged: its hash is " + hash + ".");
                }
            }
        }
        Path snapshots = model.resolve("snapshots");
        for (String file : files(snapshots)) {
            if (!Files.exists(snapshots.resolve(file))) {
                faults.add(snapshots.resolve(file) + " is a link to a file that is not there.");
            }
        }
        return new Verification(checked, unchecked, faults);
    }

    /**
     * Removes all that the cache has of a model.
     *
     * @return the bytes that its files took
     * @throws IllegalArgumentException if the cache does not have the model
     */
    public long remove(String name) throws IOException {
        Path model = require(name);
        long bytes = bytes(model);
        // First away from its name in one step: whoever looks for the model finds all of it or nothing.
        Path away = folder.resolve(".removed-" + Long.toHexString(ThreadLocalRandom.current().nextLong()));
        Files.move(model, away, StandardCopyOption.ATOMIC_MOVE);
        Files.walkFileTree(away, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
        return bytes;
    }

    private Path require(String name) {
        Path model = folder.resolve(RepoId.of(name).folderName());
        if (!Files.isDirectory(model)) {
            throw new IllegalArgumentException("The cache " + folder + " has no model \"" + name + "\".");
        }
        return model;
    }

    private static List<Path> entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The files and links below a folder, by their paths from there. */
    private static List<String> files(Path folder) throws IOException {
        return walk(folder, stream -> stream.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                .map(path -> folder.relativize(path).toString().replace('\\', '/')).sorted().toList());
    }

    /** What the files below a folder take; a link takes nothing. */
    private static long bytes(Path folder) throws IOException {
        return walk(folder, stream -> stream.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                .mapToLong(path -> path.toFile().length()).sum());
    }

    /** What is made of all paths below a folder. */
    @FunctionalInterface
    private interface Walk<T> {
        T of(Stream<Path> paths);
    }

    private static <T> T walk(Path folder, Walk<T> walk) throws IOException {
        if (!Files.isDirectory(folder)) {
            return walk.of(Stream.of());
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            return walk.of(paths);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
