package dev.bert4j.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.hub.HubException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import mockwebserver3.MockResponse;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A hub that tests make misbehave, and what then has to hold of the cache. */
abstract class FaultyHub {
    static final String WEIGHTS = "model.safetensors";
    static final String STORE = "STORE " + WEIGHTS;
    static final int SIZE = 300_000;

    @TempDir
    Path cache;
    FakeHub hub;

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub().addAll();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    Path blobs() {
        return cache.resolve("models--acme--tiny-bert/blobs");
    }

    Path part() {
        return blobs().resolve(hub.etag(WEIGHTS) + ".bert4j.incomplete");
    }

    void leavePart(byte[] bytes) throws IOException {
        Files.createDirectories(blobs());
        Files.write(part(), bytes);
    }

    byte[] beginning(int size) {
        return Arrays.copyOf(hub.content(WEIGHTS), size);
    }

    void assertWhole(HubOptions options) throws IOException {
        Path folder = Hub.model(FakeHub.MODEL, options);
        assertArrayEquals(hub.content(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
        assertEquals(2, HubDownloadTest.tree(blobs()).size(), "nothing beside the two blobs");
    }

    /** Demands a failure after which the cache has nothing under the names of what is whole. */
    HubException assertFails(Reason reason, HubOptions options) {
        HubException e = assertThrows(HubException.class, () -> Hub.model(FakeHub.MODEL, options));
        assertEquals(reason, e.reason(), e.getMessage());
        Path snapshot = cache.resolve("models--acme--tiny-bert/snapshots").resolve(FakeHub.COMMIT);
        assertFalse(Files.exists(snapshot.resolve(WEIGHTS)));
        assertFalse(Files.exists(blobs().resolve(hub.etag(WEIGHTS))));
        assertFalse(Files.exists(cache.resolve("models--acme--tiny-bert/refs/main")));
        assertTrue(e.getMessage().contains(WEIGHTS) && e.getMessage().contains(FakeHub.MODEL), e.getMessage());
        assertTrue(e.getMessage().endsWith(".") && !e.getMessage().contains("s3cret"), e.getMessage());
        return e;
    }

    static MockResponse inPieces(byte[] content) {
        return new MockResponse.Builder().chunkedBody(new Buffer().write(content), 999).build();
    }

    List<String> ranges() {
        return hub.requests(true).stream().map(request -> String.valueOf(request.getHeaders().get("Range"))).toList();
    }
}
