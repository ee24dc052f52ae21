package dev.bert4j.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a download asks for, and what it leaves in the cache. */
class HubDownloadTest {
    private static final String OTHER = "f".repeat(40);

    @TempDir
    private Path cache;
    private FakeHub hub;

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub().addAll();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Path repo() {
        return cache.resolve("models--acme--tiny-bert");
    }

    static List<String> tree(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> !Files.isDirectory(path)).map(path -> folder.relativize(path).toString())
                    .sorted().toList();
        }
    }

    @Test
    void theCacheIsLaidOutAsPythonDoesIt() throws IOException {
        Path folder = Hub.download(FakeHub.MODEL, hub.options(cache));
        assertEquals(repo().resolve("snapshots").resolve(FakeHub.COMMIT), folder);
        assertEquals(FakeHub.COMMIT, Files.readString(repo().resolve("refs/main")));
        for (String name : List.of("config.json", "model.safetensors", "vocab.txt")) {
            Path file = folder.resolve(name);
            assertEquals(Path.of("../../blobs", hub.etag(name)), Files.readSymbolicLink(file));
            assertArrayEquals(hub.content(name), Files.readAllBytes(file));
            assertTrue(Files.exists(cache.resolve(".locks/models--acme--tiny-bert/" + hub.etag(name) + ".lock")));
        }
        assertEquals(3, tree(repo().resolve("blobs")).size());
        assertEquals(List.of("added_tokens.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"),
                tree(repo().resolve(".no_exist").resolve(FakeHub.COMMIT)));
    }

    @Test
    void whatIsThereIsNotFetchedAgain() throws IOException {
        Hub.download(FakeHub.MODEL, hub.options(cache));
        hub.clearLog();
        Hub.download(FakeHub.MODEL, hub.options(cache));
        assertEquals(List.of("HEAD config.json"), hub.log());
        hub.clearLog();
        Hub.download(FakeHub.MODEL, hub.options(cache).withRevision(FakeHub.COMMIT));
        Hub.download(FakeHub.MODEL, hub.options(cache).withOffline(true));
        assertEquals(List.of(), hub.log());
    }

    @Test
    void modelAndTokenizerAreFetchedApart() throws IOException {
        Hub.model(FakeHub.MODEL, hub.options(cache));
        assertEquals(List.of("HEAD config.json", "GET config.json", "HEAD model.safetensors", "GET model.safetensors",
                "STORE model.safetensors"), hub.log());
        hub.clearLog();
        Path folder = Hub.tokenizer(FakeHub.MODEL, hub.options(cache));
        assertEquals(List.of("HEAD tokenizer.json", "HEAD vocab.txt", "GET vocab.txt", "HEAD tokenizer_config.json",
                "HEAD special_tokens_map.json", "HEAD added_tokens.json"), hub.log());
        assertEquals(List.of("config.json", "model.safetensors", "vocab.txt"), tree(folder));
    }

    /** Between two requests main may come to stand for another commit, and a config must not meet other weights. */
    @Test
    void allFilesAreOfTheCommitOfTheFirst() throws IOException {
        Hub.model(FakeHub.MODEL, hub.options(cache));
        List<String> revisions = hub.requests(false).stream().map(request -> request.getUrl().pathSegments().get(3))
                .toList();
        assertEquals(List.of("main", FakeHub.COMMIT, FakeHub.COMMIT, FakeHub.COMMIT), revisions);
    }

    @Test
    void aBranchThatMovedBringsWhatChanged() throws IOException {
        Path before = Hub.model(FakeHub.MODEL, hub.options(cache));
        hub.move(OTHER).add("config.json", "{\"model_type\": \"bert\", \"new\": 1}");
        hub.clearLog();
        Path after = Hub.model(FakeHub.MODEL, hub.options(cache));
        assertEquals(List.of("HEAD config.json", "GET config.json", "HEAD model.safetensors"), hub.log());
        assertEquals(OTHER, after.getFileName().toString());
        assertEquals(OTHER, Files.readString(repo().resolve("refs/main")));
        assertTrue(Files.readString(after.resolve("config.json")).contains("new"));
        assertFalse(Files.readString(before.resolve("config.json")).contains("new"));
    }

    @Test
    void otherFormsOfWeightsAreLookedForInTheirOrder() throws IOException {
        byte[] weights = FakeHub.bytes(2000);
        String index = "{\"weight_map\": {\"a\": \"part-2.bin\", \"b\": \"part-1.bin\", \"c\": \"part-2.bin\"}}";
        try (FakeHub other = new FakeHub()) {
            other.add("config.json", "{}").add("pytorch_model.bin.index.json", index).add("part-1.bin", weights)
                    .add("part-2.bin", FakeHub.bytes(3000));
            Path folder = Hub.model(FakeHub.MODEL, other.options(cache));
            assertEquals(List.of("config.json", "part-1.bin", "part-2.bin", "pytorch_model.bin.index.json"),
                    tree(folder));
            assertEquals(List.of("HEAD model.safetensors", "HEAD model.safetensors.index.json",
                    "HEAD pytorch_model.bin", "HEAD pytorch_model.bin.index.json"), other.log().subList(2, 6));
        }
    }

    @Test
    void theTokenIsForTheHubAlone() throws IOException {
        Hub.model(FakeHub.MODEL, hub.options(cache).withToken("hf_s3cret"));
        for (RecordedRequest request : hub.requests(false)) {
            assertEquals("Bearer hf_s3cret", request.getHeaders().get("Authorization"));
            assertEquals("identity", request.getHeaders().get("Accept-Encoding"));
        }
        assertEquals(1, hub.requests(true).size());
        assertEquals(null, hub.requests(true).getFirst().getHeaders().get("Authorization"));
    }

    /** One of them by a path, the other by a full address. */
    @ParameterizedTest
    @ValueSource(strings = {"old-name", "older-name"})
    void aModelThatWasRenamedIsFollowedWithTheToken(String name) throws IOException {
        Path folder = Hub.model("acme/" + name, hub.options(cache).withToken("t"));
        assertEquals("models--acme--" + name, cache.relativize(folder).getName(0).toString());
        assertTrue(hub.requests(false).stream().allMatch(r -> "Bearer t".equals(r.getHeaders().get("Authorization"))));
    }

    @Test
    void aRevisionWithSlashesIsOneSegment() throws IOException {
        Path folder = Hub.model(FakeHub.MODEL, hub.options(cache).withRevision("refs/pr/1"));
        assertTrue(hub.requests(false).getFirst().getTarget().contains("/resolve/refs%2Fpr%2F1/"));
        assertEquals(FakeHub.COMMIT, Files.readString(repo().resolve("refs/refs/pr/1")));
        assertEquals(folder, Hub.model(FakeHub.MODEL, hub.options(cache).withRevision("refs/pr/1").withOffline(true)));
    }

    @Test
    void whereThereAreNoLinksThereAreCopies() throws IOException {
        HubOptions options = hub.options(cache)
                .withEnvironment(Map.of("HOME", cache.toString(), "HF_HUB_DISABLE_SYMLINKS", "1"));
        Path file = Hub.model(FakeHub.MODEL, options).resolve("model.safetensors");
        assertFalse(Files.isSymbolicLink(file));
        assertArrayEquals(hub.content("model.safetensors"), Files.readAllBytes(file));
        hub.clearLog();
        Hub.model(FakeHub.MODEL, options);
        assertEquals(List.of("HEAD config.json"), hub.log());
    }

    @Test
    void aLinkIntoNothingIsMended() throws IOException {
        Path folder = Hub.model(FakeHub.MODEL, hub.options(cache));
        Files.delete(repo().resolve("blobs").resolve(hub.etag("model.safetensors")));
        assertEquals(folder, Hub.model(FakeHub.MODEL, hub.options(cache).withRevision(FakeHub.COMMIT)));
        assertArrayEquals(hub.content("model.safetensors"), Files.readAllBytes(folder.resolve("model.safetensors")));
    }

    @Test
    void progressGoesFromNothingToAll() throws IOException {
        List<Long> done = new ArrayList<>();
        Hub.model(FakeHub.MODEL, hub.options(cache).withProgress((file, bytes, total) -> {
            if (file.equals("model.safetensors")) {
                assertEquals(300_000, total);
                done.add(bytes);
            }
        }));
        assertEquals(0, done.getFirst());
        assertEquals(300_000, done.getLast());
        assertEquals(done.stream().sorted().distinct().toList(), done);
    }

    @Test
    void whatProgressThrowsEndsTheDownload() throws IOException {
        HubOptions options = hub.options(cache).withProgress((_, done, _) -> {
            if (done > 100_000) {
                throw new IllegalStateException("enough");
            }
        });
        assertThrows(IllegalStateException.class, () -> Hub.model(FakeHub.MODEL, options));
        assertFalse(Files.exists(repo().resolve("refs/main")));
        Hub.model(FakeHub.MODEL, hub.options(cache));
        assertTrue(hub.requests(true).getLast().getHeaders().get("Range").matches("bytes=\\d{6}-"));
    }
}
