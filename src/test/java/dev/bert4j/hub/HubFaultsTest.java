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
import java.util.List;
import mockwebserver3.MockResponse;
import okio.Buffer;
import org.junit.jupiter.api.Test;

/** Servers that send what they should not: what can be mended is, and never is a part taken for the whole. */
class HubFaultsTest extends FaultyHub {
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
