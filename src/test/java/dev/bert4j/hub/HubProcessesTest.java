package dev.bert4j.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bert4j.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several processes and threads with one cache, processes that die, and disks that are full. */
@Timeout(60)
class HubProcessesTest {
    private static final String WEIGHTS = "model.safetensors";
    private static final String STORE = "STORE " + WEIGHTS;

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

    private Process child() throws IOException {
        return ChildJvm.start(DownloadMain.class, hub.endpoint(), cache.toString(), FakeHub.MODEL);
    }

    private Path blobs() {
        return cache.resolve("models--acme--tiny-bert/blobs");
    }

    private Path part() {
        return blobs().resolve(hub.etag(WEIGHTS) + ".bert4j.incomplete");
    }

    private void assertWhole(Path folder) throws IOException {
        assertArrayEquals(hub.content(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
        assertEquals(2, HubDownloadTest.tree(blobs()).size());
    }

    @Test
    void whatAKilledProcessLeftIsTakenUp() throws Exception {
        hub.first(STORE, hub.slow(WEIGHTS, 20_000, 50));
        Process child = child();
        while (child.isAlive() && !(Files.exists(part()) && Files.size(part()) > 60_000)) {
            Thread.sleep(5);
        }
        child.destroyForcibly().waitFor();
        long kept = Files.size(part());
        assertTrue(kept < 300_000, "killed in the middle");
        assertFalse(Files.exists(cache.resolve("models--acme--tiny-bert/snapshots/" + FakeHub.COMMIT + "/" + WEIGHTS)));
        assertThrows(HubException.class, () -> Hub.model(FakeHub.MODEL, hub.options(cache).withOffline(true)));
        hub.clearLog();
        assertWhole(Hub.model(FakeHub.MODEL, hub.options(cache)));
        assertEquals("bytes=" + kept + "-", hub.requests(true).getFirst().getHeaders().get("Range"));
    }

    @Test
    void twoProcessesDownloadOnceAndBothGetIt() throws Exception {
        hub.first(STORE, hub.slow(WEIGHTS, 30_000, 50));
        List<Process> children = List.of(child(), child());
        for (Process child : children) {
            ChildJvm.Result result = ChildJvm.finish(child);
            assertEquals(0, result.exit(), result.output());
            assertWhole(Path.of(result.output().strip()));
        }
        assertEquals(1, hub.log().stream().filter(STORE::equals).count(), hub.log().toString());
    }

    @Test
    void threadsDownloadOnceAndAllGetIt() throws Exception {
        hub.first(STORE, hub.slow(WEIGHTS, 100_000, 50));
        Callable<Path> task = () -> Hub.model(FakeHub.MODEL, hub.options(cache));
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Path>> folders = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                folders.add(threads.submit(task));
            }
            for (Future<Path> folder : folders) {
                assertWhole(folder.get());
            }
        }
        assertEquals(1, hub.log().stream().filter(STORE::equals).count(), hub.log().toString());
    }

    /** A limit of the system stands for the full disk: the write fails in the same way, with other words. */
    @Test
    void aFileThatCannotBeWrittenToItsEndLeavesNothing() throws Exception {
        ChildJvm.Result result = ChildJvm.runWithFileLimit(100, DownloadMain.class, hub.endpoint(), cache.toString(),
                FakeHub.MODEL);
        assertTrue(result.output().startsWith("CACHE: model.safetensors of \"acme/tiny-bert\", 300000 bytes, could "
                + "not be written to " + blobs()), result.output());
        assertEquals(List.of(hub.etag("config.json")), HubDownloadTest.tree(blobs()));
        assertWhole(Hub.model(FakeHub.MODEL, hub.options(cache)));
    }

    @Test
    void aFullDiskIsSaidAndFreedAgain() throws Exception {
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", cache.toString())
                .redirectErrorStream(true).start();
        assumeTrue(mount.waitFor() == 0, "a small disk can be mounted only with the rights to do so");
        try {
            HubException e = assertThrows(HubException.class, () -> Hub.model(FakeHub.MODEL, hub.options(cache)));
            assertEquals(HubException.Reason.CACHE, e.reason());
            assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
            assertEquals(List.of(hub.etag("config.json")), HubDownloadTest.tree(blobs()));
        } finally {
            new ProcessBuilder("umount", cache.toString()).start().waitFor();
        }
    }

    @Test
    void anInterruptEndsTheDownload() throws Exception {
        hub.first(STORE, hub.slow(WEIGHTS, 10_000, 100));
        List<Throwable> thrown = new ArrayList<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                Hub.model(FakeHub.MODEL, hub.options(cache));
            } catch (IOException e) {
                thrown.add(e);
            }
        });
        while (thread.isAlive() && !Files.exists(part())) {
            Thread.sleep(5);
        }
        thread.interrupt();
        thread.join();
        assertEquals("The download was interrupted.", thrown.getFirst().getMessage());
        assertWhole(Hub.model(FakeHub.MODEL, hub.options(cache)));
    }
}
