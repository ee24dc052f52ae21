package dev.bert4j.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the environment decides, and what goes before it. */
class HubSettingsTest {
    private static HubSettings settings(String... namesAndValues) throws IOException {
        return HubSettings.of(HubOptions.defaults().withEnvironment(environment(namesAndValues)));
    }

    private static Map<String, String> environment(String... namesAndValues) {
        Map<String, String> environment = new HashMap<>(Map.of("HOME", "/home/u"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            environment.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return environment;
    }

    @Test
    void theCacheIsWhereTheNearestVariableSays() throws IOException {
        assertEquals(Path.of("/home/u/.cache/huggingface/hub"), settings().cache());
        assertEquals(Path.of("/x/huggingface/hub"), settings("XDG_CACHE_HOME", "/x").cache());
        assertEquals(Path.of("/home/u/h/hub"), settings("XDG_CACHE_HOME", "/x", "HF_HOME", "~/h").cache());
        assertEquals(Path.of("/old"), settings("HF_HOME", "/h", "HUGGINGFACE_HUB_CACHE", "/old").cache());
        assertEquals(Path.of("/new"), settings("HUGGINGFACE_HUB_CACHE", "/old", "HF_HUB_CACHE", "/new").cache());
        assertEquals(Path.of("/old"), settings("HUGGINGFACE_HUB_CACHE", "/old", "HF_HUB_CACHE", "").cache());
        assertEquals(Path.of("/mine"), HubSettings.of(HubOptions.defaults().withCacheDir(Path.of("/mine"))
                .withEnvironment(environment("HF_HUB_CACHE", "/new"))).cache());
    }

    @Test
    void offlineIsEitherVariable() throws IOException {
        assertFalse(settings().offline());
        assertFalse(settings("HF_HUB_OFFLINE", "0").offline());
        for (String yes : new String[] {"1", "true", "YES", "On"}) {
            assertTrue(settings("HF_HUB_OFFLINE", yes).offline());
            assertTrue(settings("TRANSFORMERS_OFFLINE", yes).offline());
        }
        assertFalse(HubSettings.of(HubOptions.defaults().withOffline(false)
                .withEnvironment(environment("HF_HUB_OFFLINE", "1"))).offline());
    }

    @Test
    void theEndpointHasNoSlashAtItsEnd() throws IOException {
        assertEquals("https://huggingface.co", settings().endpoint());
        assertEquals("https://mirror/hf", settings("HF_ENDPOINT", "https://mirror/hf/").endpoint());
    }

    @Test
    void theTokenIsTheOptionsThenTheVariablesThenTheFiles(@TempDir Path home) throws IOException {
        Files.writeString(home.resolve("token"), "of-the-file\n");
        String place = home.toString();
        assertEquals("of-the-file", settings("HF_HOME", place).token());
        assertEquals("of-the-variable", settings("HF_HOME", place, "HF_TOKEN", " of-the-variable ").token());
        HubOptions options = HubOptions.defaults().withEnvironment(environment("HF_HOME", place, "HF_TOKEN", "v"));
        assertEquals("of-the-options", HubSettings.of(options.withToken("of-the-options")).token());
        assertNull(HubSettings.of(options.withToken("")).token());
        assertNull(HubSettings.of(options.withOffline(true)).token());
        assertFalse(HubSettings.of(options.withToken("s3cret")).toString().contains("s3cret"));
    }

    @Test
    void patienceHasRanges() {
        Patience patience = Patience.defaults();
        assertThrows(IllegalArgumentException.class, () -> patience.withTimeout(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> patience.withAttempts(0));
        assertThrows(IllegalArgumentException.class, () -> patience.withBackOff(Duration.ofNanos(-1)));
        assertEquals(Duration.ofSeconds(1), patience.pauseAfter(2));
        assertEquals(Duration.ofSeconds(30), patience.pauseAfter(1_000_000));
    }

    @Test
    void aFolderOfTheCacheNamesItsModel() {
        for (String name : new String[] {"bert-base-uncased", "google-bert/bert-base-uncased", "a_b.c/d-e"}) {
            assertEquals(name, RepoId.ofFolder(RepoId.of(name).folderName()).name());
        }
        assertNull(RepoId.ofFolder("datasets--a--b"));
        assertNull(RepoId.ofFolder("models--a--b--c"));
    }
}
