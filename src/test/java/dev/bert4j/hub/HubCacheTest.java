package dev.bert4j.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cache has, whether it is sound, and how it goes. */
class HubCacheTest {
    @TempDir
    private Path folder;
    private FakeHub hub;
    private HubCache cache;

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub().addAll();
        cache = HubCache.of(hub.options(folder));
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    /** The layout as Python's library writes it: an absent file noted, one blob shared by two commits, no lock left. */
    private Path layOutAsPython() throws IOException {
        Path repo = folder.resolve("models--acme--tiny-bert");
        String older = "a".repeat(40);
        Files.createDirectories(repo.resolve("blobs"));
        Files.createDirectories(repo.resolve("refs"));
        for (String name : List.of("config.json", "model.safetensors", "vocab.txt")) {
            Files.write(repo.resolve("blobs").resolve(hub.etag(name)), hub.content(name));
            for (String commit : List.of(FakeHub.COMMIT, older)) {
                Path snapshot = Files.createDirectories(repo.resolve("snapshots").resolve(commit));
                Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs", hub.etag(name)));
            }
        }
        Files.writeString(repo.resolve("refs/main"), FakeHub.COMMIT);
        Files.createDirectories(repo.resolve(".no_exist").resolve(FakeHub.COMMIT));
        Files.createFile(repo.resolve(".no_exist").resolve(FakeHub.COMMIT).resolve("added_tokens.json"));
        return repo.resolve("snapshots").resolve(FakeHub.COMMIT);
    }

    @Test
    void whatPythonDownloadedIsFoundOffline() throws IOException {
        Path snapshot = layOutAsPython();
        HubOptions offline = hub.options(folder).withOffline(true);
        assertEquals(snapshot, Hub.model(FakeHub.MODEL, offline));
        assertEquals(snapshot, Hub.tokenizer(FakeHub.MODEL, offline));
        assertEquals(snapshot, Hub.download(FakeHub.MODEL, offline.withRevision(FakeHub.COMMIT)));
        assertEquals(snapshot, Hub.model(FakeHub.MODEL, hub.options(folder).withRevision(FakeHub.COMMIT)));
        assertEquals(List.of(), hub.log());
        hub.close();
        assertEquals(snapshot, Hub.download(FakeHub.MODEL, hub.options(folder).withRevision(FakeHub.COMMIT)));
    }

    @Test
    void whatPythonDownloadedIsNotFetchedAgain() throws IOException {
        Path snapshot = layOutAsPython();
        assertEquals(snapshot, Hub.download(FakeHub.MODEL, hub.options(folder)));
        assertTrue(hub.log().stream().allMatch(line -> line.startsWith("HEAD")), hub.log().toString());
        assertFalse(hub.log().contains("HEAD added_tokens.json"), "known to be absent");
    }

    @Test
    void listHasModelsAndNothingElse() throws IOException {
        assertEquals(List.of(), HubCache.of(hub.options(folder.resolve("none"))).list());
        layOutAsPython();
        Files.createDirectories(folder.resolve("datasets--a--b"));
        Files.createDirectories(folder.resolve("models--x"));
        Files.createDirectories(folder.resolve(".locks/models--acme--tiny-bert"));
        List<CachedModel> models = cache.list();
        assertEquals(List.of("acme/tiny-bert", "x"), models.stream().map(CachedModel::name).toList());
        CachedModel model = models.getFirst();
        int bytes = hub.content("config.json").length + 300_000 + hub.content("vocab.txt").length;
        assertEquals(bytes + FakeHub.COMMIT.length(), model.bytes());
        assertEquals(List.of("main"), model.revisions());
        assertEquals(List.of(FakeHub.COMMIT, "a".repeat(40)), model.commits());
    }

    @Test
    void verifyFindsDamageOfEachKind() throws IOException {
        Hub.download(FakeHub.MODEL, hub.options(folder));
        Path blobs = folder.resolve("models--acme--tiny-bert/blobs");
        Files.write(blobs.resolve("0".repeat(64) + ".bert4j.incomplete"), new byte[5]);
        Files.write(blobs.resolve("nameless"), new byte[5]);
        assertEquals(new HubCache.Verification(3, 1, List.of()), cache.verify(FakeHub.MODEL));
        Files.write(blobs.resolve(hub.etag("model.safetensors")), FakeHub.bytes(299_999));
        Files.writeString(blobs.resolve(hub.etag("config.json")), "{}");
        Files.delete(blobs.resolve(hub.etag("vocab.txt")));
        List<String> faults = cache.verify(FakeHub.MODEL).faults();
        assertEquals(3, faults.size(), faults.toString());
        String all = faults.toString();
        assertTrue(all.contains(hub.etag("model.safetensors") + ", 299999 bytes, is damaged"), all);
        assertTrue(all.contains(hub.etag("config.json") + ", 2 bytes, is damaged"), all);
        assertTrue(faults.getLast().contains("vocab.txt is a link to a file that is not there"), faults.toString());
    }

    @Test
    void removeTakesTheModelAndNothingElse() throws IOException {
        Hub.download(FakeHub.MODEL, hub.options(folder));
        Path outside = Files.createFile(folder.resolve("outside"));
        Files.createSymbolicLink(folder.resolve("models--acme--tiny-bert/link"), outside);
        long bytes = cache.list().getFirst().bytes();
        assertEquals(bytes, cache.remove(FakeHub.MODEL));
        assertTrue(Files.exists(outside));
        assertEquals(List.of(), cache.list());
        assertTrue(HubDownloadTest.tree(folder).stream().allMatch(f -> f.startsWith(".locks") || f.equals("outside")));
        assertThrows(IllegalArgumentException.class, () -> cache.remove(FakeHub.MODEL));
        assertThrows(IllegalArgumentException.class, () -> cache.remove("../.."));
        Hub.download(FakeHub.MODEL, hub.options(folder));
    }
}
