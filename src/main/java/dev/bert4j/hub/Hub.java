package dev.bert4j.hub;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Finds models by their names: in the cache, or at the hub, from which they go into the cache.
 *
 * <pre>{@code
 * Path folder = Hub.download("google-bert/bert-base-uncased", HubOptions.defaults());
 * }</pre>
 *
 * <p>The hub is asked for the revision's commit every time, and only what the cache lacks is fetched. If it cannot be
 * asked, or does not let the model be seen any more, the commit that the revision last stood for is used, with a
 * warning. A full commit hash as revision needs no network once the files are there. Downloads that were broken off go
 * on where they were; any number of threads and processes may ask for the same model. Nothing is sent to anybody but
 * the hub, and to where it redirects.
 *
 * <p>All methods throw an IllegalArgumentException for a name, a revision or an endpoint that cannot be one, and a
 * {@link HubException} if the files cannot be had.
 */
public final class Hub {
    private Hub() {
    }

    /** What a request brings. */
    @FunctionalInterface
    private interface Request {
        void bring(Snapshot snapshot) throws IOException;
    }

    /**
     * The folder with {@code config.json} and the weights of a model: {@code model.safetensors} or its index and
     * shards, else those of {@code pytorch_model.bin}.
     *
     * @param name {@code name} or {@code org/name}
     */
    public static Path model(String name, HubOptions options) throws IOException {
        return folder(name, options, ModelFiles::model);
    }

    /**
     * The folder with the tokenizer of a model: {@code tokenizer.json}, {@code vocab.txt} or both, and what there is of
     * {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code added_tokens.json}.
     *
     * @param name {@code name} or {@code org/name}
     */
    public static Path tokenizer(String name, HubOptions options) throws IOException {
        return folder(name, options, ModelFiles::tokenizer);
    }

    /**
     * The folder with both, or with the model alone if it has no tokenizer.
     *
     * @param name {@code name} or {@code org/name}
     */
    public static Path download(String name, HubOptions options) throws IOException {
        return folder(name, options, ModelFiles::all);
    }

    private static Path folder(String name, HubOptions options, Request request) throws IOException {
        RepoId repo = RepoId.of(name);
        try (Snapshot snapshot = new Snapshot(HubSettings.of(options), repo)) {
            request.bring(snapshot);
            return snapshot.finish();
        }
    }
}
