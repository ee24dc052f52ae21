package dev.bert4j.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.hub.HubException.Reason;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said where a model cannot be had, and where the cache stands in. */
class HubErrorsTest {
    private static final String TOKEN = "hf_s3cret";

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

    private HubException fails(Reason reason, String name, HubOptions options) {
        HubException e = assertThrows(HubException.class, () -> Hub.model(name, options));
        assertEquals(reason, e.reason(), e.getMessage());
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        assertFalse(trace.toString().contains("s3cret"), trace.toString());
        assertEquals(1, e.getMessage().lines().count());
        assertTrue(e.getMessage().endsWith("."), e.getMessage());
        return e;
    }

    private static void says(HubException e, String... words) {
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"404, RepoNotFound, REPOSITORY_NOT_FOUND, private", "401, RepoNotFound, REPOSITORY_NOT_FOUND, private",
        "404, RevisionNotFound, REVISION_NOT_FOUND, '\"main\"'", "404, EntryNotFound, ENTRY_NOT_FOUND, config.json",
        "403, GatedRepo, GATED, ask for access", "401, GatedRepo, GATED, ask for access",
        "401, , UNAUTHORIZED, token", "403, , GATED, 403", "404, , WRONG_ANSWER, no answer of a model hub",
        "418, , WRONG_ANSWER, 418",
        "200, , WRONG_ANSWER, X-Repo-Commit"})
    void eachRefusalHasWordsOfItsOwn(int status, String code, Reason reason, String words) {
        hub.first("HEAD config.json", FakeHub.error(status, code), FakeHub.error(status, code));
        says(fails(reason, FakeHub.MODEL, hub.options(cache)), words, "acme/tiny-bert");
        says(fails(reason, FakeHub.MODEL, hub.options(cache).withToken(TOKEN)), words);
        assertFalse(Files.exists(cache.resolve("models--acme--tiny-bert/refs")));
    }

    @Test
    void whatToDoDependsOnTheToken() {
        hub.first("HEAD config.json", FakeHub.error(401, null), FakeHub.error(401, null));
        says(fails(Reason.UNAUTHORIZED, FakeHub.MODEL, hub.options(cache)), "wants a token", "HF_TOKEN");
        says(fails(Reason.UNAUTHORIZED, FakeHub.MODEL, hub.options(cache).withToken(TOKEN)),
                "does not accept the token");
    }

    @Test
    void aModelWithoutWeightsSaysWhatWasLookedFor() throws IOException {
        try (FakeHub empty = new FakeHub().add("config.json", "{}")) {
            says(fails(Reason.ENTRY_NOT_FOUND, FakeHub.MODEL, empty.options(cache)), "no weights",
                    "no model.safetensors, model.safetensors.index.json, pytorch_model.bin or");
            assertTrue(assertThrows(HubException.class, () -> Hub.tokenizer(FakeHub.MODEL, empty.options(cache)))
                    .getMessage().contains("no tokenizer.json or vocab.txt"));
        }
    }

    @Test
    void offlineSaysWhatIsMissingAndWhere() throws IOException {
        HubOptions offline = hub.options(cache).withOffline(true);
        says(fails(Reason.OFFLINE, FakeHub.MODEL, offline), "config.json", FakeHub.MODEL, "main", cache.toString(),
                "HF_HUB_OFFLINE");
        Hub.tokenizer(FakeHub.MODEL, hub.options(cache));
        says(fails(Reason.OFFLINE, FakeHub.MODEL, offline), "config.json");
        Hub.tokenizer(FakeHub.MODEL, offline);
        assertFalse(hub.log().contains("HEAD config.json"));
    }

    @Test
    void aHubThatIsAwayIsAnErrorOrTheCache() throws IOException {
        String gone = hub.endpoint();
        HubOptions options = hub.options(cache).withEndpoint(gone)
                .withPatience(hub.options(cache).patience().withAttempts(2));
        Path folder = Hub.model(FakeHub.MODEL, options);
        hub.close();
        assertEquals(folder, Hub.model(FakeHub.MODEL, options));
        says(fails(Reason.UNREACHABLE, "acme/other", options), "no connection to localhost", "(2 tries)");
        HubException e = assertThrows(HubException.class, () -> Hub.tokenizer(FakeHub.MODEL, options));
        assertEquals(Reason.UNREACHABLE, e.reason());
    }

    @Test
    void aHubInTroubleIsAskedOnceWhereTheCacheCanAnswer() throws IOException {
        Path folder = Hub.model(FakeHub.MODEL, hub.options(cache));
        hub.clearLog();
        hub.first("HEAD config.json", FakeHub.error(503, null), FakeHub.error(401, null),
                FakeHub.error(404, "RepoNotFound"));
        for (int i = 0; i < 3; i++) {
            assertEquals(folder, Hub.model(FakeHub.MODEL, hub.options(cache)));
        }
        assertEquals(List.of("HEAD config.json", "HEAD config.json", "HEAD config.json"), hub.log());
        hub.first("HEAD config.json", FakeHub.error(404, "RevisionNotFound"));
        fails(Reason.REVISION_NOT_FOUND, FakeHub.MODEL, hub.options(cache));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil.safetensors", "/etc/passwd", "a/../../b", "..\\\\evil", "sub/a.safetensors", "..",
        ".", "", "C:evil", "x\\u0000"})
    void anIndexDoesNotLeadOutOfItsFolder(String shard) throws IOException {
        try (FakeHub evil = new FakeHub()) {
            evil.add("config.json", "{}").add("model.safetensors.index.json",
                    "{\"weight_map\": {\"good\": \"a.safetensors\", \"bad\": \"" + shard + "\"}}")
                    .add("a.safetensors", new byte[10]);
            says(fails(Reason.WRONG_ANSWER, FakeHub.MODEL, evil.options(cache)), "model.safetensors.index.json",
                    "without a path");
            assertFalse(evil.log().contains("HEAD a.safetensors"), "nothing is fetched for such an index");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../../refs/x", "a/b", ".hidden", "a\\b", "x.incomplete", "x.bert4j.incomplete", ""})
    void anEtagDoesNotLeadOutOfTheCache(String etag) {
        hub.first("HEAD config.json", new MockResponse.Builder().addHeader("X-Repo-Commit", FakeHub.COMMIT)
                .addHeader("ETag", "\"" + etag + "\"").build());
        says(fails(Reason.WRONG_ANSWER, FakeHub.MODEL, hub.options(cache)), "ETag");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b/c", "../x", "a/..", "/a", "a/", "-a", "a-", "a--b", "a b", "a.git", ".a/b", "a\\b",
        "é", "http://x/y"})
    void whatCannotBeANameIsNotAskedFor(String name) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> Hub.model(name, hub.options(cache)));
        assertTrue(e.getMessage().contains("\"" + name + "\"") && e.getMessage().contains("org/name"), e.getMessage());
        assertEquals(List.of(), hub.log());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "..", "../main", "a/../b", "/main", "main/", "a//b", "a b", "a\\b", "a:b"})
    void whatCannotBeARevisionIsNotAskedFor(String revision) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> Hub.model(FakeHub.MODEL, hub.options(cache).withRevision(revision)));
        assertTrue(e.getMessage().contains("\"" + revision + "\""), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"huggingface.co", "ftp://x", "https://user:s3cret@x", "https://x?y=s3cret", "http:///x",
        "a b"})
    void anEndpointIsAPlainAddress(String endpoint) {
        HubOptions options = hub.options(cache).withEndpoint(endpoint);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> Hub.model(FakeHub.MODEL, options));
        assertFalse(e.getMessage().contains("s3cret"), e.getMessage());
    }

    @Test
    void aTokenIsNowhereToBeRead() {
        HubOptions options = hub.options(cache).withToken(TOKEN)
                .withEnvironment(Map.of("HF_TOKEN", TOKEN, "HOME", cache.toString()));
        assertFalse(options.toString().contains("s3cret"), options.toString());
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> Hub.model(FakeHub.MODEL, options.withToken("hf s3cret\nX-Evil: 1")));
        assertFalse(e.getMessage().contains("s3cret"), e.getMessage());
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.createFile(cache.resolve("file"));
        HubException e = fails(Reason.CACHE, FakeHub.MODEL, hub.options(file.resolve("cache")));
        says(e, file.toString(), "HF_HUB_CACHE");
    }
}
