package dev.bert4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The hashes that a hub names contents by. */
final class Hashes {
    private static final int PIECE = 1 << 16;
    private static final int SHA_256_DIGITS = 64;
    private static final int SHA_1_DIGITS = 40;

    private Hashes() {
    }

    /**
     * The hash that a blob of that name should have: SHA-256 for 64 hexadecimal digits, for 40 that by which git names
     * it, and null for another name, which says nothing of the content.
     */
    static String ofKind(String etag, Path file) throws IOException {
        return !etag.matches("[0-9a-f]*") ? null : switch (etag.length()) {
            case SHA_256_DIGITS -> sha256(file);
            case SHA_1_DIGITS -> git(file);
            default -> null;
        };
    }

    static String sha256(Path file) throws IOException {
        return digest("SHA-256", new byte[0], file);
    }

    /** SHA-1 of what git keeps of a file: a header with its size, and the content. */
    private static String git(Path file) throws IOException {
        return digest("SHA-1", ("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII), file);
    }

    private static String digest(String algorithm, byte[] header, Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-1 and SHA-256", e);
        }
        digest.update(header);
        byte[] piece = new byte[PIECE];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                digest.update(piece, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
