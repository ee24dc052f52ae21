package dev.bert4j.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.hub.HubException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.junit.jupiter.api.Test;

/** Connections that end, and servers that are slow or busy: how often, and for how long, it is tried again. */
class HubRetriesTest extends FaultyHub {
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
}
