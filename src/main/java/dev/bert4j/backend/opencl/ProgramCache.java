package dev.bert4j.backend.opencl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Programs that drivers have built, on disk, so that a later JVM need not wait for the compiler. An entry is named by
 * the hash of all that it was made from and begins with the hash of its name and content: what is damaged is built
 * again. That the cache cannot be read or written is no error.
 */
final class ProgramCache {
    /** The system property that names the folder; empty for no cache. */
    static final String PROPERTY = "dev.bert4j.opencl.cache";
    private static final int HASH_BYTES = 32;
    private static final int MOST = 64 << 20;

    private final Path folder;

    /** In that folder; null for none. */
    ProgramCache(Path folder) {
        this.folder = folder;
    }

    /** The folder of the property, else {@code bert4j/opencl} where the system keeps caches of the user. */
    static ProgramCache ofUser() {
        String named = System.getProperty(PROPERTY);
        if (named != null) {
            return new ProgramCache(named.isBlank() ? null : Path.of(named));
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && !xdg.isBlank() ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return new ProgramCache(base.resolve("bert4j").resolve("opencl"));
    }

    /** The name of an entry. */
    static String key(String source, String options, OpenClDevice device) {
        return HexFormat.of().formatHex(hash(String.join("\0", source, options, device.name(), device.platformName(),
                device.version(), device.driver()).getBytes(StandardCharsets.UTF_8)));
    }

    /** What is kept under that name; null if nothing, or what is there is not what was written. */
    byte[] read(String key) {
        if (folder == null) {
            return null;
        }
        Path file = folder.resolve(key);
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST) {
                return null;
            }
            byte[] all = Files.readAllBytes(file);
            if (all.length <= HASH_BYTES) {
                return null;
            }
            byte[] content = Arrays.copyOfRange(all, HASH_BYTES, all.length);
            return Arrays.equals(hash(key, content), Arrays.copyOf(all, HASH_BYTES)) ? content : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Keeps an entry; others see all of it or nothing. */
    void write(String key, byte[] content) {
        if (folder == null) {
            return;
        }
        Path part = null;
        try {
            Files.createDirectories(folder);
            part = Files.createTempFile(folder, key, ".part");
            ByteBuffer entry = ByteBuffer.allocate(HASH_BYTES + content.length);
            Files.write(part, entry.put(hash(key, content)).put(content).array());
            move(part, folder.resolve(key));
        } catch (IOException e) {
            // The next JVM builds it again.
            deleteQuietly(part);
        }
    }

    private static void move(Path part, Path file) throws IOException {
        try {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void deleteQuietly(Path part) {
        try {
            if (part != null) {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            // Nothing more can be done.
        }
    }

    /** Of what is kept and of its name, so that an entry is none under another. */
    private static byte[] hash(String key, byte[] content) {
        byte[] name = key.getBytes(StandardCharsets.UTF_8);
        return hash(ByteBuffer.allocate(name.length + content.length).put(name).put(content).array());
    }

    private static byte[] hash(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
    }
}
