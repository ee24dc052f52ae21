package dev.bert4j.hub;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okio.Buffer;

/**
 * A hub with one model on this machine: small files come from itself and are named by git's hash, weights come by a
 * redirect from another server and are named by their SHA-256.
 */
public final class FakeHub implements AutoCloseable {
    /** The model. */
    public static final String MODEL = "acme/tiny-bert";
    /** What main stands for at first. */
    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final MockWebServer hub = new MockWebServer();
    private final MockWebServer store = new MockWebServer();
    private final Map<String, byte[]> files = Collections.synchronizedMap(new TreeMap<>());
    private final Map<String, Deque<MockResponse>> faults = new ConcurrentHashMap<>();
    private final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private volatile String commit = COMMIT;

    /** Starts it, without files. */
    public FakeHub() throws IOException {
        hub.setDispatcher(dispatcher(this::serveHub));
        store.setDispatcher(dispatcher(this::serveStore));
        hub.start(InetAddress.getLoopbackAddress(), 0);
        store.start(InetAddress.getLoopbackAddress(), 0);
    }

    /** What answers. */
    @FunctionalInterface
    private interface Service {
        MockResponse serve(RecordedRequest request);
    }

    private Dispatcher dispatcher(Service service) {
        return new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                requests.add(request);
                return service.serve(request);
            }
        };
    }

    /** Adds a file, or replaces it. */
    public FakeHub add(String name, byte[] content) {
        files.put(name, content);
        return this;
    }

    FakeHub add(String name, String content) {
        return add(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** A model of a config, weights that are none, and a vocabulary. */
    FakeHub addAll() {
        return add("config.json", "{\"model_type\": \"bert\"}").add("model.safetensors", bytes(300_000))
                .add("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
    }

    /** The same bytes every time. */
    static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    byte[] content(String name) {
        return files.get(name);
    }

    /** Makes main stand for another commit. */
    FakeHub move(String newCommit) {
        commit = newCommit;
        return this;
    }

    /**
     * Answers that come first.
     *
     * @param what {@code HEAD}, {@code GET} or, for what the other server sends, {@code STORE}, and the file's name
     */
    FakeHub first(String what, MockResponse... answers) {
        faults.computeIfAbsent(what, _ -> new ArrayDeque<>()).addAll(List.of(answers));
        return this;
    }

    /** A full answer of the other server that ends half-way. */
    MockResponse cut(String name) {
        return whole(name).onResponseBody(new SocketEffect.CloseSocket()).build();
    }

    MockResponse.Builder whole(String name) {
        return new MockResponse.Builder().body(new Buffer().write(files.get(name)));
    }

    /** A slow one: so many bytes, then a pause. */
    MockResponse slow(String name, long bytes, long millis) {
        return whole(name).throttleBody(bytes, millis, TimeUnit.MILLISECONDS).build();
    }

    /** What came in, as {@code HEAD config.json}, in order. */
    List<String> log() {
        return List.copyOf(log);
    }

    void clearLog() {
        log.clear();
        requests.clear();
    }

    /** The requests that either server got. */
    List<RecordedRequest> requests(boolean ofTheStore) {
        return requests.stream().filter(request -> request.getUrl().port() == (ofTheStore ? store : hub).getPort())
                .toList();
    }

    /** Where it is. */
    public String endpoint() {
        return "http://localhost:" + hub.getPort();
    }

    /** That hub, a cache, an environment without variables, and little patience. */
    public HubOptions options(Path cache) {
        return HubOptions.defaults().withEndpoint(endpoint()).withCacheDir(cache)
                .withEnvironment(Map.of("HOME", cache.toString()))
                .withPatience(Patience.defaults().withTimeout(Duration.ofSeconds(5)).withBackOff(Duration.ofMillis(5)));
    }

    private MockResponse serveHub(RecordedRequest request) {
        List<String> path = request.getUrl().pathSegments();
        String name = path.getLast();
        String what = request.getMethod() + " " + name;
        log.add(what);
        MockResponse fault = fault(what);
        if (fault != null) {
            return fault;
        }
        String elsewhere = request.getTarget().replaceFirst("old(er)?-name", "tiny-bert");
        if (!elsewhere.equals(request.getTarget())) {
            String host = request.getTarget().contains("older") ? endpoint() : "";
            return new MockResponse.Builder().code(307).addHeader("Location", host + elsewhere).build();
        }
        if (path.size() != 5 || !(path.get(0) + "/" + path.get(1)).equals(MODEL)) {
            return error(404, "RepoNotFound");
        }
        if (!path.get(3).equals("main") && !path.get(3).equals(commit) && !path.get(3).equals("refs/pr/1")) {
            return error(404, "RevisionNotFound");
        }
        byte[] content = files.get(name);
        if (content == null) {
            return error(404, "EntryNotFound");
        }
        MockResponse.Builder answer = new MockResponse.Builder().addHeader("X-Repo-Commit", commit);
        if (isLarge(name)) {
            return answer.code(302).addHeader("X-Linked-Etag", "\"" + etag(name) + "\"")
                    .addHeader("X-Linked-Size", content.length).addHeader("ETag", "\"of-the-redirect\"")
                    .addHeader("Location", "http://localhost:" + store.getPort() + "/" + name + "?signature=s3cret")
                    .build();
        }
        answer.addHeader("ETag", "W/\"" + etag(name) + "\"");
        return request.getMethod().equals("HEAD") ? answer.setHeader("Content-Length", content.length).build()
                : answer.body(new Buffer().write(content)).build();
    }

    private MockResponse serveStore(RecordedRequest request) {
        String name = request.getUrl().pathSegments().getLast();
        log.add("STORE " + name);
        MockResponse fault = fault("STORE " + name);
        if (fault != null) {
            return fault;
        }
        byte[] content = files.get(name);
        String range = request.getHeaders().get("Range");
        if (range == null) {
            return whole(name).build();
        }
        int from = Integer.parseInt(range.replaceAll("\\D", ""));
        return from >= content.length ? new MockResponse.Builder().code(416).build() : rest(name, from).build();
    }

    MockResponse.Builder rest(String name, int from) {
        byte[] content = files.get(name);
        return new MockResponse.Builder().code(206)
                .addHeader("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length)
                .body(new Buffer().write(Arrays.copyOfRange(content, from, content.length)));
    }

    private synchronized MockResponse fault(String what) {
        Deque<MockResponse> waiting = faults.get(what);
        return waiting == null ? null : waiting.poll();
    }

    static MockResponse error(int status, String code) {
        MockResponse.Builder answer = new MockResponse.Builder().code(status);
        return (code == null ? answer : answer.addHeader("X-Error-Code", code)).build();
    }

    static boolean isLarge(String name) {
        return name.endsWith(".safetensors") || name.endsWith(".bin");
    }

    /** What the cache calls the content. */
    String etag(String name) {
        byte[] content = files.get(name);
        return isLarge(name) ? hash("SHA-256", new byte[0], content)
                : hash("SHA-1", ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII), content);
    }

    private static String hash(String algorithm, byte[] header, byte[] content) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(header);
            return HexFormat.of().formatHex(digest.digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        hub.close();
        store.close();
    }
}
