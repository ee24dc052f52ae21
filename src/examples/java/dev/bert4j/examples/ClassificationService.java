/*
 * A service that classifies texts: the JDK's HTTP server, a virtual thread for each request, and a MicroBatcher through
 * which requests that come at the same time run as one batch.
 *
 *     java --module-path target/bert4j.jar:target/lib --add-modules dev.bert4j \
 *         src/examples/java/dev/bert4j/examples/ClassificationService.java [MODEL [PORT]]
 *     curl --data "I like it." http://127.0.0.1:8080/classify
 *
 * MODEL is a folder, or a name at the hub. The default is a model of the tests, which is there without a download and
 * whose labels mean nothing: its weights are random.
 */
package dev.bert4j.examples;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bert4j.pipeline.Pipelines;
import dev.bert4j.pipeline.TextClassificationOptions;
import dev.bert4j.pipeline.TextClassificationPipeline.Classification;
import dev.bert4j.service.BatchSettings;
import dev.bert4j.service.MicroBatcher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;

final class ClassificationService {
    private static final int MOST_BYTES = 100_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private ClassificationService() {
    }

    static void main(String[] args) throws IOException {
        String model = args.length > 0 ? args[0] : "src/test/resources/golden/pipelines/classify3";
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(),
                args.length > 1 ? Integer.parseInt(args[1]) : 8080);
        var all = TextClassificationOptions.defaults().withTopK(TextClassificationOptions.ALL);
        try (var classifier = Pipelines.from(model).textClassification();
                var batcher = new MicroBatcher<String, List<Classification>>(texts -> classifier.apply(texts, all),
                        String::length, BatchSettings.defaults());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            HttpServer server = HttpServer.create(address, 0);
            server.createContext("/classify", exchange -> answer(exchange, batcher));
            server.setExecutor(threads);
            server.start();
            System.out.println("POST a text to http://127.0.0.1:" + server.getAddress().getPort()
                    + "/classify; Enter ends the service.");
            System.in.read();
            server.stop(1);
        }
    }

    private static void answer(HttpExchange exchange, MicroBatcher<String, List<Classification>> batcher)
            throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES);
        String text = new String(body, StandardCharsets.UTF_8);
        if (!exchange.getRequestMethod().equals("POST") || text.isBlank() || body.length == MOST_BYTES) {
            send(exchange, 400, Map.of("error", "POST a text, of less than " + MOST_BYTES + " bytes."));
            return;
        }
        try {
            Map<String, Float> scores = new LinkedHashMap<>();
            batcher.call(text, PATIENCE).forEach(label -> scores.put(label.label(), label.score()));
            send(exchange, 200, scores);
        } catch (IllegalArgumentException e) {
            send(exchange, 400, Map.of("error", e.getMessage()));
        } catch (TimeoutException | InterruptedException e) {
            send(exchange, 503, Map.of("error", "There is too much to do; try again later."));
        }
    }

    private static void send(HttpExchange exchange, int status, Map<String, ?> object) throws IOException {
        byte[] json = new Gson().toJson(object).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, json.length);
        try (exchange; var out = exchange.getResponseBody()) {
            out.write(json);
        }
    }
}
