package dev.bert4j.hub;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Where models come from by name, and where they are kept. Immutable; each {@code with…} returns a changed copy. What
 * is null is asked of the environment when a model is looked for, under the variables that Python's
 * {@code huggingface_hub} has, too; nothing is read before.
 *
 * @param revision a branch, a tag, or a full commit hash of 40 hexadecimal digits, which needs no network once its
 *     files are in the cache; never null
 * @param cacheDir the cache; null for {@code HF_HUB_CACHE}, else {@code HUGGINGFACE_HUB_CACHE}, else {@code hub} in
 *     {@code HF_HOME}, which is {@code huggingface} in {@code XDG_CACHE_HOME} or {@code ~/.cache}
 * @param token who asks; null for {@code HF_TOKEN}, else the file {@code token} in {@code HF_HOME}; empty for nobody.
 *     It is sent to the endpoint and to nobody else
 * @param offline whether to ask nobody; null for {@code HF_HUB_OFFLINE} or {@code TRANSFORMERS_OFFLINE}
 * @param endpoint the hub, {@code https://host[:port][/path]}; null for {@code HF_ENDPOINT}, else
 *     {@code https://huggingface.co}
 * @param progress hears how far downloads are; never null
 * @param patience time-outs and retries; never null
 * @param environment the variables; null for those of this process
 */
public record HubOptions(String revision, Path cacheDir, String token, Boolean offline, String endpoint,
        HubProgress progress, Patience patience, Map<String, String> environment) {
    /** Checks what may not be null. */
    public HubOptions {
        Objects.requireNonNull(revision, "revision");
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(patience, "patience");
        environment = environment == null ? null : Map.copyOf(environment);
    }

    /** The branch main, and all else as the environment has it. */
    public static HubOptions defaults() {
        return new HubOptions("main", null, null, null, null, HubProgress.NONE, Patience.defaults(), null);
    }

    /** Of that branch, tag or commit. */
    public HubOptions withRevision(String value) {
        return new HubOptions(value, cacheDir, token, offline, endpoint, progress, patience, environment);
    }

    /** With that cache. */
    public HubOptions withCacheDir(Path value) {
        return new HubOptions(revision, value, token, offline, endpoint, progress, patience, environment);
    }

    /** With that token; empty for none, whatever the environment has. */
    public HubOptions withToken(String value) {
        return new HubOptions(revision, cacheDir, value, offline, endpoint, progress, patience, environment);
    }

    /** Asking nobody, or asking the hub, whatever the environment says. */
    public HubOptions withOffline(boolean value) {
        return new HubOptions(revision, cacheDir, token, value, endpoint, progress, patience, environment);
    }

    /** Of that hub. */
    public HubOptions withEndpoint(String value) {
        return new HubOptions(revision, cacheDir, token, offline, value, progress, patience, environment);
    }

    /** With someone who hears of the progress. */
    public HubOptions withProgress(HubProgress value) {
        return new HubOptions(revision, cacheDir, token, offline, endpoint, value, patience, environment);
    }

    /** With those time-outs and retries. */
    public HubOptions withPatience(Patience value) {
        return new HubOptions(revision, cacheDir, token, offline, endpoint, progress, value, environment);
    }

    /** With those variables in place of the process's. */
    public HubOptions withEnvironment(Map<String, String> value) {
        return new HubOptions(revision, cacheDir, token, offline, endpoint, progress, patience, value);
    }

    /** All but what could hold a secret. */
    @Override
    public String toString() {
        return "HubOptions[revision=" + revision + ", cacheDir=" + cacheDir + ", token="
                + (token == null ? null : token.isEmpty() ? "none" : "(not shown)") + ", offline=" + offline
                + ", endpoint=" + (endpoint != null && endpoint.contains("@") ? "(not shown)" : endpoint)
                + ", patience=" + patience + "]";
    }
}
