package dev.bert4j.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The places of one model in a cache, laid out as Python's {@code huggingface_hub} does it:
 * <pre>
 * models--org--name/blobs/ETAG                 the content
 * models--org--name/snapshots/COMMIT/FILE      a relative link to it, or a copy
 * models--org--name/refs/REVISION              the commit that a branch or tag stood for, as text
 * models--org--name/.no_exist/COMMIT/FILE      empty: the commit is known to have no such file
 * .locks/models--org--name/ETAG.lock           held while the blob is written
 * </pre>
 * Whatever appears under these names is complete: it is written under another name and then moved.
 *
 * @param folder that of the model
 * @param locks that of its locks
 * @param symlinks whether to try to make links
 */
record RepoCache(Path folder, Path locks, boolean symlinks) {
    static RepoCache of(HubSettings settings, RepoId repo) {
        return new RepoCache(settings.cache().resolve(repo.folderName()),
                settings.cache().resolve(".locks").resolve(repo.folderName()), settings.symlinks());
    }

    Path blob(String etag) {
        return folder.resolve("blobs").resolve(etag);
    }

    Path lock(String etag) {
        return locks.resolve(etag + ".lock");
    }

    Path snapshot(String commit) {
        return folder.resolve("snapshots").resolve(commit);
    }

    private Path absent(String commit, String file) {
        return folder.resolve(".no_exist").resolve(commit).resolve(file);
    }

    /** The file of a commit if it is there, or null; a link into nothing is not. */
    Path find(String commit, String file) {
        Path path = snapshot(commit).resolve(file);
        return Files.isRegularFile(path) ? path : null;
    }

    boolean isKnownToBeAbsent(String commit, String file) {
        return Files.exists(absent(commit, file));
    }

    /** Notes that a commit has no such file. */
    void noteAbsent(String commit, String file) throws IOException {
        Path note = absent(commit, file);
        Files.createDirectories(note.getParent());
        try {
            Files.createFile(note);
        } catch (FileAlreadyExistsException e) {
            // Another was faster.
        }
    }

    /** The commit that a revision stood for when it was last looked up, or null. */
    String commit(String revision) throws IOException {
        if (RemoteFile.isCommit(revision)) {
            return revision;
        }
        Path ref = folder.resolve("refs").resolve(revision);
        String commit = Files.isRegularFile(ref) ? Files.readString(ref, StandardCharsets.UTF_8).strip() : "";
        return RemoteFile.isCommit(commit) ? commit : null;
    }

    /** Notes the commit that a revision stands for. */
    void noteCommit(String revision, String commit) throws IOException {
        if (!commit.equals(commit(revision))) {
            place(folder.resolve("refs").resolve(revision),
                    temporary -> Files.writeString(temporary, commit, StandardCharsets.UTF_8));
        }
    }

    /** Makes a blob that is complete appear as a file of a commit. */
    void link(String etag, String commit, String file) throws IOException {
        Path blob = blob(etag);
        place(snapshot(commit).resolve(file), temporary -> {
            if (symlinks) {
                try {
                    Files.createSymbolicLink(temporary, temporary.getParent().relativize(blob));
                    return;
                } catch (UnsupportedOperationException | FileSystemException e) {
                    // Some file systems have no links, and some systems grant them to few: then a copy it is.
                }
            }
            Files.copy(blob, temporary);
        });
    }

    /** What fills a file that has a temporary name. */
    @FunctionalInterface
    private interface Filling {
        void fill(Path temporary) throws IOException;
    }

    private static void place(Path file, Filling filling) throws IOException {
        Files.createDirectories(file.getParent());
        Path temporary = file.resolveSibling(
                "." + file.getFileName() + "." + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp");
        try {
            filling.fill(temporary);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            // A full disk is said without the name of the file.
            throw new FileSystemException(file.toString(), null, e.getMessage());
        } finally {
            if (Files.exists(temporary, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(temporary);
            }
        }
    }
}
