package dev.bert4j;

import dev.bert4j.hub.HubOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Where a model lies that is given by a string: in a folder of that name, else in the cache of a hub. */
final class ModelFolders {
    private ModelFolders() {
    }

    /** What fetches a model, or its tokenizer: a method of {@link dev.bert4j.hub.Hub}. */
    @FunctionalInterface
    interface Source {
        Path folder(String name, HubOptions options) throws IOException;
    }

    /**
     * The folder to open.
     *
     * @throws IllegalArgumentException if it is neither a folder nor a name
     * @throws IOException if it cannot be fetched
     */
    static Path resolve(String nameOrFolder, HubOptions options, Source source) throws IOException {
        Path local = local(nameOrFolder);
        return local != null && Files.exists(local) ? local : source.folder(nameOrFolder, options);
    }

    private static Path local(String nameOrFolder) {
        try {
            return nameOrFolder.isEmpty() ? null : Path.of(nameOrFolder);
        } catch (InvalidPathException e) {
            return null;
        }
    }
}
