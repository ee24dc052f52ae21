package dev.bert4j.hub;

import java.util.regex.Pattern;

/**
 * The name of a model on a hub: {@code name} or {@code org/name}.
 *
 * @param name of letters, digits, {@code -}, {@code _} and {@code .}, each part at most 96 characters
 */
record RepoId(String name) {
    /** The cache joins parts by two hyphens, which a name may therefore not have. */
    private static final String SEPARATOR = "--";
    private static final String PREFIX = "models" + SEPARATOR;
    private static final Pattern NAME = Pattern.compile("(?:[\\w.-]{1,96}/)?[\\w.-]{1,96}");
    private static final Pattern BAD_EDGE = Pattern.compile("(?:^|/)[.-]|[.-](?:/|$)|\\.git$");

    /** @throws IllegalArgumentException if it cannot be a model's name */
    static RepoId of(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("\"" + name + "\" is neither a folder that is there nor the name of a "
                    + "model, which is \"name\" or \"org/name\" of letters, digits and single -, _ or . in between.");
        }
        return new RepoId(name);
    }

    private static boolean isName(String name) {
        return NAME.matcher(name).matches() && !BAD_EDGE.matcher(name).find() && !name.contains(SEPARATOR)
                && !name.contains("..");
    }

    /** The name of its folder in a cache. */
    String folderName() {
        return PREFIX + name.replace("/", SEPARATOR);
    }

    /** The model that a folder of a cache belongs to, or null for a folder of another kind. */
    static RepoId ofFolder(String folderName) {
        if (!folderName.startsWith(PREFIX)) {
            return null;
        }
        String name = folderName.substring(PREFIX.length()).replaceFirst(SEPARATOR, "/");
        return isName(name) ? new RepoId(name) : null;
    }
}
