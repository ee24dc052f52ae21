package dev.bert4j.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Options with the environment's answers where they leave a question open.
 *
 * @param cache absolute path of the cache
 * @param token what is sent to the endpoint, or null
 * @param endpoint without a slash at its end
 * @param symlinks whether to try to make links
 */
record HubSettings(String revision, Path cache, String token, boolean offline, String endpoint, boolean symlinks,
        HubProgress progress, Patience patience) {
    private static final String HUB = "https://huggingface.co";
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    /**
     * Settles options.
     *
     * @throws IllegalArgumentException if the revision, the endpoint or the token cannot be one
     * @throws IOException if there is a token file that cannot be read
     */
    static HubSettings of(HubOptions options) throws IOException {
        var environment = new Environment(options.environment() == null ? System.getenv() : options.environment());
        boolean offline = options.offline() != null ? options.offline()
                : environment.isTrue("HF_HUB_OFFLINE") || environment.isTrue("TRANSFORMERS_OFFLINE");
        Path cache = options.cacheDir() != null ? options.cacheDir() : environment.cache();
        String endpoint = options.endpoint() != null ? options.endpoint() : environment.get("HF_ENDPOINT");
        return new HubSettings(checkRevision(options.revision()), cache.toAbsolutePath().normalize(),
                offline ? null : token(options, environment), offline, checkEndpoint(endpoint == null ? HUB : endpoint),
                !environment.isTrue("HF_HUB_DISABLE_SYMLINKS"), options.progress(), options.patience());
    }

    /** The variables of a process. */
    private record Environment(Map<String, String> variables) {
        /** A variable, or null if it is not set or empty. */
        String get(String name) {
            String value = variables.get(name);
            return value == null || value.isBlank() ? null : value.strip();
        }

        boolean isTrue(String name) {
            String value = get(name);
            return value != null && TRUE.contains(value.toUpperCase(Locale.ROOT));
        }

        Path path(String name) {
            String value = get(name);
            if (value == null) {
                return null;
            }
            return value.equals("~") || value.startsWith("~/") ? Path.of(userHome() + value.substring(1))
                    : Path.of(value);
        }

        private String userHome() {
            return get("HOME") != null ? get("HOME") : System.getProperty("user.home");
        }

        Path home() {
            if (get("HF_HOME") != null) {
                return path("HF_HOME");
            }
            Path caches = get("XDG_CACHE_HOME") != null ? path("XDG_CACHE_HOME") : Path.of(userHome(), ".cache");
            return caches.resolve("huggingface");
        }

        Path cache() {
            Path named = get("HF_HUB_CACHE") != null ? path("HF_HUB_CACHE") : path("HUGGINGFACE_HUB_CACHE");
            return named != null ? named : home().resolve("hub");
        }
    }

    private static String token(HubOptions options, Environment environment) throws IOException {
        if (options.token() != null) {
            return checkToken(options.token(), "The token of the options");
        }
        if (environment.get("HF_TOKEN") != null) {
            return checkToken(environment.get("HF_TOKEN"), "The token in HF_TOKEN");
        }
        Path file = environment.home().resolve("token");
        return Files.isRegularFile(file) ? checkToken(Files.readString(file), "The token in " + file) : null;
    }

    /** Said here in words of our own, for those of an HTTP client would show the token. */
    private static String checkToken(String token, String what) {
        String bare = token.strip();
        if (!bare.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new IllegalArgumentException(what + " has characters that no token has, such as blanks.");
        }
        return bare.isEmpty() ? null : bare;
    }

    private static String checkRevision(String revision) {
        boolean climbs = ("/" + revision + "/").contains("/../") || ("/" + revision + "/").contains("/./");
        if (revision.isBlank() || climbs || revision.startsWith("/") || revision.endsWith("/")
                || revision.contains("//")
                || revision.chars().anyMatch(c -> c <= ' ' || "\\:*?\"<>|".indexOf(c) >= 0)) {
            throw new IllegalArgumentException("The revision \"" + revision
                    + "\" must be the name of a branch or a tag, or a full commit hash.");
        }
        return revision;
    }

    private static String checkEndpoint(String endpoint) {
        try {
            URI uri = new URI(endpoint.strip());
            boolean web = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
            if (web && uri.getHost() != null && uri.getRawUserInfo() == null && uri.getRawQuery() == null
                    && uri.getRawFragment() == null) {
                return uri.toString().replaceFirst("/+$", "");
            }
        } catch (URISyntaxException e) {
            // Said below, without the text, which may hold a password.
        }
        throw new IllegalArgumentException(
                "The endpoint of the hub must be https://host[:port][/path] without a user, a query and a fragment.");
    }

    /** All but what is secret. */
    @Override
    public String toString() {
        return revision + " at " + endpoint + ", cache " + cache;
    }
}
