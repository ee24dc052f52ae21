package dev.bert4j.hub;

import java.util.regex.Pattern;

/**
 * What a hub says of a file before it is fetched.
 *
 * @param name its path in the repository
 * @param commit the commit that the revision stands for, 40 hexadecimal digits
 * @param etag what names its content, and the blob in the cache: a SHA-256 for large files
 * @param size its bytes, or -1 if the hub does not say
 */
record RemoteFile(String name, String commit, String etag, long size) {
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    /** It names a file of the cache, in which it must not lead elsewhere or be taken for an unfinished one. */
    private static final Pattern ETAG = Pattern.compile("[0-9A-Za-z_][0-9A-Za-z_.-]{0,199}");

    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    static boolean isEtag(String etag) {
        return ETAG.matcher(etag).matches() && !etag.endsWith(BlobDownload.UNFINISHED);
    }

    /** Whether the etag says what the SHA-256 of the content is. */
    boolean hasHash() {
        return SHA_256.matcher(etag).matches();
    }
}
