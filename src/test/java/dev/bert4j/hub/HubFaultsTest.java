package dev.bert4j.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.hub.HubException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network and servers that misbehave: what can be mended is, and never is a part taken for the whole. */
class HubFaultsTest {
    private static final String WEIGHTS = "model.safetensors";
    private static final String STORE = "STORE " + WEIGHTS;
    private static final int SIZE = 300_000;

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

    private Path blobs() {
        return cache.resolve("models--acme--tiny-bert/blobs");
    }

    private Path part() {
        return blobs().resolve(hub.etag(WEIGHTS) + ".bert4j.incomplete");
    }

    private void leavePart(byte[] bytes) throws IOException {
        Files.createDirectories(blobs());
        Files.write(part(), bytes);
    }

    private byte[] beginning(int size) {
        return Arrays.copyOf(hub.content(WEIGHTS), size);
    }

    private void assertWhole(HubOptions options) throws IOException {
        Path folder = Hub.model(FakeHub.MODEL, options);
        assertArrayEquals(hub.content(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
        assertEquals(2, HubDownloadTest.tree(blobs()).size(), "nothing beside the two blobs");
    }

    /** Demands a failure after which the cache has nothing under the names of what is whole. */
    private HubException assertFails(Reason reason, HubOptions options) {
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

    private static MockResponse inPieces(byte[] content) {
        return new MockResponse.Builder().chunkedBody(new Buffer().write(content), 999).build();
    }

    private List<String> ranges() {
        return hub.requests(true).stream().map(request -> String.valueOf(request.getHeaders().get("Range"))).toList();
    }

    @Test
    void aConnectionThatIsCutIsTakenUpWhereItEnded() throws IOException {
        hub.first(STORE, hub.cut(WEIGHTS));
        assertWhole(hub.options(cache));
        assertEquals("null", ranges().getFirst());
        assertTrue(ranges().get(1).matches("bytes=1\\d{5}-"), ranges().toString());
    }

    @Test
    void cutAgainAndAgainItIsAnErrorAndThePartStays() throws IOException {
        hub.first(STORE, hub.cut(WEIGHTS), hub.cut(WEIGHTS));
        HubException e = assertFails(Reason.UNREACHABLE,
                hub.options(cache).withPatience(hub.options(cache).patience().withAttempts(2)));
        assertTrue(e.getMessage().contains("(2 tries)"), e.getMessage());
        long kept = Files.size(part());
        assertTrue(kept > 0 && kept < SIZE);
        hub.clearLog();
        assertWhole(hub.options(cache));
        assertEquals(List.of("bytes=" + kept + "-"), ranges());
    }

    @Test
    void triesThatGetFartherAreNotCounted() throws IOException {
        int step = 1_200_000;
        hub.add(WEIGHTS, FakeHub.bytes(3 * step));
        Patience two = hub.options(cache).patience().withAttempts(2);
        hub.first(STORE, inPieces(beginning(step)), new MockResponse.Builder().code(206)
                .addHeader("Content-Range", "bytes " + step + "-/*").chunkedBody(
                        new Buffer().write(Arrays.copyOfRange(hub.content(WEIGHTS), step, 2 * step)), 9999).build());
        assertWhole(hub.options(cache).withPatience(two));
        assertEquals(List.of("null", "bytes=" + step + "-", "bytes=" + 2 * step + "-"), ranges());
    }

    @Test
    void aServerThatMakesItBeginAgainAndAgainIsAnErrorInTheEnd() throws IOException {
        hub.add(WEIGHTS, FakeHub.bytes(2_000_000));
        for (int i = 0; i < 5; i++) {
            hub.first(STORE, inPieces(beginning(1_500_000)), hub.rest(WEIGHTS, 7).build());
        }
        HubException e = assertThrows(HubException.class, () -> Hub.model(FakeHub.MODEL, hub.options(cache)));
        assertEquals(Reason.UNREACHABLE, e.reason());
    }

    @Test
    void aPartOfAFileWithoutAHashIsNotBuiltOn() throws IOException {
        Files.createDirectories(blobs());
        Files.write(blobs().resolve(hub.etag("config.json") + ".bert4j.incomplete"), new byte[3]);
        Path folder = Hub.model(FakeHub.MODEL, hub.options(cache));
        assertArrayEquals(hub.content("config.json"), Files.readAllBytes(folder.resolve("config.json")));
    }

    @Test
    void theWholeInAnswerToARangeBeginsAnew() throws IOException {
        leavePart(beginning(1000));
        hub.first(STORE, hub.whole(WEIGHTS).build());
        assertWhole(hub.options(cache));
        assertEquals(List.of("bytes=1000-"), ranges());
    }

    @Test
    void aRangeThatBeginsElsewhereIsNotUsed() throws IOException {
        leavePart(beginning(1000));
        hub.first(STORE, hub.rest(WEIGHTS, 900).build());
        assertWhole(hub.options(cache));
        assertEquals(List.of("bytes=1000-", "null"), ranges());
    }

    @Test
    void aRefusedRangeBeginsAnew() throws IOException {
        leavePart(beginning(1000));
        hub.first(STORE, new MockResponse.Builder().code(416).build());
        assertWhole(hub.options(cache));
    }

    @Test
    void aPartOfSomethingElseIsNotBuiltOn() throws IOException {
        leavePart(new byte[1000]);
        assertWhole(hub.options(cache));
        leavePart(new byte[SIZE + 1]);
        Files.delete(blobs().resolve(hub.etag(WEIGHTS)));
        assertWhole(hub.options(cache));
    }

    @Test
    void aPartThatWasCompleteIsCheckedAndNotFetched() throws IOException {
        leavePart(hub.content(WEIGHTS));
        assertWhole(hub.options(cache));
        assertEquals(List.of(), ranges());
    }

    @Test
    void aWrongSizeIsAnError() throws IOException {
        for (int size : new int[] {SIZE - 1, SIZE + 1}) {
            hub.first(STORE, new MockResponse.Builder().body(new Buffer().write(FakeHub.bytes(size))).build());
            HubException e = assertFails(Reason.WRONG_ANSWER, hub.options(cache));
            assertTrue(e.getMessage().contains("300000 bytes") && e.getMessage().contains(size + "."), e.getMessage());
            assertFalse(Files.exists(part()));
        }
    }

    @Test
    void moreThanWasAnnouncedIsAnErrorInPiecesToo() throws IOException {
        hub.first(STORE, inPieces(FakeHub.bytes(SIZE + 1)));
        assertTrue(assertFails(Reason.WRONG_ANSWER, hub.options(cache)).getMessage().contains("more"));
        hub.first(STORE, inPieces(beginning(5000)));
        assertWhole(hub.options(cache));
        assertEquals("bytes=5000-", ranges().getLast());
    }

    @Test
    void aWrongHashIsAnErrorAndNothingOfItStays() throws IOException {
        byte[] other = hub.content(WEIGHTS).clone();
        other[7]++;
        hub.first(STORE, new MockResponse.Builder().body(new Buffer().write(other)).build());
        HubException e = assertFails(Reason.WRONG_ANSWER, hub.options(cache));
        assertTrue(e.getMessage().contains("SHA-256 " + hub.etag(WEIGHTS)), e.getMessage());
        assertFalse(Files.exists(part()));
        assertWhole(hub.options(cache));
    }

    @Test
    void tooManyRequestsAreFollowedByThePauseThatIsAskedFor() throws IOException {
        MockResponse busy = new MockResponse.Builder().code(429).addHeader("Retry-After", "1").build();
        hub.first("HEAD config.json", busy);
        long start = System.nanoTime();
        assertWhole(hub.options(cache));
        assertTrue(System.nanoTime() - start >= 1_000_000_000L);
    }

    @Test
    void aPauseBeyondPatienceIsNotMade() throws IOException {
        hub.first(STORE, new MockResponse.Builder().code(503).addHeader("Retry-After", "3600").build());
        HubException e = assertFails(Reason.UNREACHABLE, hub.options(cache));
        assertTrue(e.getMessage().contains("3600 s") && e.getMessage().contains("503"), e.getMessage());
        MockResponse never = new MockResponse.Builder().code(503)
                .addHeader("Retry-After", "Tue, 31 Dec 2999 23:59:59 GMT").build();
        hub.first(STORE, never);
        assertFails(Reason.UNREACHABLE, hub.options(cache));
    }

    @Test
    void troubleInsideTheServerIsTriedAgain() throws IOException {
        MockResponse trouble = FakeHub.error(500, null);
        hub.first("HEAD " + WEIGHTS, trouble, trouble).first(STORE, trouble, FakeHub.error(503, null));
        assertWhole(hub.options(cache));
        assertEquals(3, hub.log().stream().filter(("HEAD " + WEIGHTS)::equals).count());
    }

    @Test
    void aTrickleIsCutAndTakenUp() throws IOException {
        Patience short100 = hub.options(cache).patience().withTimeout(Duration.ofMillis(150));
        hub.first(STORE, hub.slow(WEIGHTS, 10, 20));
        assertWhole(hub.options(cache).withPatience(short100));
        assertTrue(ranges().get(1).startsWith("bytes="), ranges().toString());
    }

    @Test
    void aServerThatSaysNothingIsNotWaitedForLong() throws IOException {
        MockResponse stall = hub.whole(WEIGHTS).onResponseStart(SocketEffect.Stall.INSTANCE).build();
        hub.first(STORE, stall, stall);
        HubException e = assertFails(Reason.UNREACHABLE, hub.options(cache)
                .withPatience(hub.options(cache).patience().withTimeout(Duration.ofMillis(200)).withAttempts(2)));
        assertTrue(e.getMessage().contains("did not answer within 0.2 s"), e.getMessage());
    }

    @Test
    void withoutASizeAndAHashNothingIsTaken() throws IOException {
        MockResponse nameless = new MockResponse.Builder().addHeader("X-Repo-Commit", FakeHub.COMMIT)
                .addHeader("ETag", "\"abc\"").removeHeader("Content-Length").build();
        hub.first("HEAD " + WEIGHTS, nameless);
        hub.first("GET " + WEIGHTS, inPieces(new byte[500]));
        HubException e = assertFails(Reason.WRONG_ANSWER, hub.options(cache));
        assertTrue(e.getMessage().contains("neither its size nor its SHA-256"), e.getMessage());
    }

    @Test
    void redirectsThatDoNotEndDo() throws IOException {
        MockResponse round = new MockResponse.Builder().code(302).addHeader("Location", "/" + WEIGHTS).build();
        for (int i = 0; i < 12; i++) {
            hub.first(STORE, round);
        }
        HubException e = assertThrows(HubException.class, () -> Hub.model(FakeHub.MODEL, hub.options(cache)));
        assertTrue(e.getMessage().contains("redirects more than 10 times"), e.getMessage());
        assertNull(e.getCause());
    }
}
