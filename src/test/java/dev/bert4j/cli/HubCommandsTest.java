package dev.bert4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.ChildJvm;
import dev.bert4j.hub.FakeHub;
import dev.bert4j.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that have to do with the hub, as a user types them. */
class HubCommandsTest {
    @TempDir
    private Path cache;
    private FakeHub hub;

    private record Result(int code, String out, String err) {
    }

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub();
        for (String name : List.of("config.json", "model.safetensors", "vocab.txt")) {
            hub.add(name, Files.readAllBytes(Path.of("src/models/demo").resolve(name)));
        }
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private static Result bert(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Result(code, out.toString(), err.toString());
    }

    /** In a process of its own, for the environment says which hub. */
    private ChildJvm.Result child(Map<String, String> more, String... args) throws Exception {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("HF_ENDPOINT", hub.endpoint());
        environment.put("HF_HUB_CACHE", cache.toString());
        environment.put("HF_TOKEN", "hf_s3cret");
        return ChildJvm.run(List.of(), environment, Main.class, args);
    }

    private String snapshot() {
        return cache.resolve("models--acme--tiny-bert/snapshots").resolve(FakeHub.COMMIT).toString();
    }

    @Test
    void downloadPrintsTheFolderThatOtherCommandsTakeByName() throws Exception {
        ChildJvm.Result download = child(Map.of(), "download", FakeHub.MODEL);
        assertEquals(0, download.exit(), download.output());
        assertEquals(snapshot(), download.output().strip());
        assertEquals(List.of("config.json", "model.safetensors", "vocab.txt"), files(Path.of(snapshot())));
        ChildJvm.Result tokenize = child(Map.of("HF_HUB_OFFLINE", "1"), "tokenize", "--model", FakeHub.MODEL, "you");
        assertEquals(0, tokenize.exit(), tokenize.output());
        assertTrue(tokenize.output().contains("[CLS]"), tokenize.output());

        Result list = bert("cache", "list", "--cache-dir", cache.toString());
        assertTrue(list.out.lines().toList().get(1).matches("acme/tiny-bert +11\\.0 MB +1  main"), list.out);
        Map<?, ?> json = (Map<?, ?>) ((List<?>) Json.parse(
                bert("cache", "list", "--json", "--cache-dir", cache.toString()).out, "list")).getFirst();
        assertEquals(FakeHub.MODEL, json.get("model"));
        assertEquals("acme/tiny-bert: 3 files checked, all well\n",
                bert("cache", "verify", "--cache-dir", cache.toString()).out);
        Files.write(Path.of(snapshot(), "vocab.txt"), new byte[3]);
        Result faults = bert("cache", "verify", FakeHub.MODEL, "--cache-dir", cache.toString());
        assertEquals(1, faults.code);
        assertTrue(faults.out.contains(", 1 fault\n") && faults.out.contains("3 bytes, is damaged"), faults.out);
        Result removed = bert("cache", "remove", FakeHub.MODEL, "--cache-dir", cache.toString());
        assertEquals(0, removed.code);
        assertEquals("acme/tiny-bert: 10.9 MB freed in " + cache + "\n", removed.out);
        assertFalse(Files.exists(cache.resolve("models--acme--tiny-bert")));
    }

    @Test
    void troubleIsOneSentenceAndCodeOne() throws Exception {
        ChildJvm.Result unknown = child(Map.of(), "download", "acme/other", "--token", "hf_0ther_s3cret");
        assertEquals(1, unknown.exit());
        assertEquals("bert: " + hub.endpoint() + " has no model \"acme/other\", or it is private: check the name, and "
                + "whether the token may read it.", unknown.output().strip());
    }

    private static List<String> files(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"download", "download a/b/c", "download a b", "cache", "cache list x", "cache remove",
        "cache remove no-such-model", "cache verify no-such-model", "download a --revision ../b"})
    void wrongUseIsOneSentenceAndCodeTwo(String line) {
        String[] args = line.split(" ");
        if (args.length > 1) {
            args = (line + " --cache-dir " + cache).split(" ");
        }
        Result result = bert(args);
        assertEquals(2, result.code, result.err);
        assertEquals(1, result.err.lines().count(), result.err);
        assertTrue(result.err.startsWith("bert: ") && result.err.contains("--help"), result.err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"download", "cache", "cache list", "cache verify", "cache remove"})
    void helpEverywhere(String command) {
        Result result = bert((command + " --help").split(" "));
        assertEquals(0, result.code);
        assertTrue(result.out.startsWith("Usage: bert " + command), result.out);
    }

    @Test
    void sizesAreRoundedToAUnit() {
        assertEquals("1.0 MB", Sizes.of(999_950));
        assertEquals("5000.0 TB", Sizes.of(5_000_000_000_000_000L));
    }
}
