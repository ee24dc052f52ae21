package dev.bert4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertModel;
import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import dev.bert4j.json.Json;
import dev.bert4j.pipeline.AggregationStrategy;
import dev.bert4j.pipeline.Pipelines;
import dev.bert4j.pipeline.TextClassificationOptions;
import dev.bert4j.pipeline.TokenClassificationOptions;
import dev.bert4j.pipeline.TokenEntity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every example runs with what it has by default, and prints what it says. */
@Timeout(120)
class ExamplesTest {
    private static final Path DEMO = Path.of("src", "models", "demo");
    private static final Path PIPELINES = Golden.resources().resolve("pipelines");
    private static final Pattern URL = Pattern.compile("http://\\S+/classify");

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = System.out;
    private final InputStream in = System.in;

    @BeforeEach
    void listen() {
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void listenNoMore() {
        System.setOut(out);
        System.setIn(in);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8).replace("\r", "");
    }

    @Test
    void fillMask() throws Exception {
        FillMask.main(new String[0]);
        List<String> lines = printed().lines().toList();
        assertEquals("Nice to [MASK] you.", lines.getFirst());
        assertEquals("  0.1590  see      Nice to see you.", lines.get(1));
        assertTrue(printed().contains("  [CLS] [MASK] drinks a cup of coffee. [SEP]\n"), printed());
        assertEquals(List.of("tea", "wine", "sand"), lines.subList(lines.size() - 3, lines.size()).stream()
                .map(line -> line.substring(line.lastIndexOf(' ') + 1)).toList());
        printed.reset();
        FillMask.main(new String[] {DEMO.toString(), "She drinks a cup of [MASK]."});
        assertTrue(printed().startsWith("She drinks a cup of [MASK].\n  0.6097  coffee "), printed());
    }

    @Test
    void embeddingsSearch() throws Exception {
        EmbeddingsSearch.main(new String[] {DEMO.toString(), "The train to Paris leaves at ten."});
        List<String> lines = printed().lines().toList();
        assertEquals("The train to Paris leaves at ten.", lines.getFirst());
        assertTrue(lines.get(1).endsWith("  The train to Madrid leaves at nine."), printed());
        List<Double> scores = lines.stream().skip(1).map(line -> Double.valueOf(line.substring(2, 8))).toList();
        assertEquals(3, scores.size());
        assertEquals(scores.reversed(), scores.stream().sorted().toList());
    }

    @Test
    void nerOverAFile(@TempDir Path folder) throws Exception {
        List<String> lines = List.of("John lives in 😀 New York.", "", "Anna ".repeat(300), "Mary went to London.");
        Path file = Files.write(folder.resolve("text.txt"), lines);
        NerOverAFile.main(new String[] {PIPELINES.resolve("tokens").toString(), file.toString()});
        var options = TokenClassificationOptions.defaults().withAggregationStrategy(AggregationStrategy.FIRST)
                .withStride(16);
        List<List<Object>> expected = new ArrayList<>();
        try (var ner = Pipelines.from(PIPELINES.resolve("tokens")).tokenClassification()) {
            for (int i = 0; i < lines.size(); i++) {
                for (TokenEntity entity : ner.apply(lines.get(i), options)) {
                    expected.add(List.of(i + 1L, entity.label(), entity.word(),
                            lines.get(i).substring(entity.start16(), entity.end16())));
                }
            }
        }
        List<List<Object>> found = new ArrayList<>();
        for (String json : printed().lines().toList()) {
            Map<?, ?> object = (Map<?, ?>) Json.parse(json, "a line");
            int line = ((Number) object.get("line")).intValue();
            found.add(List.of((long) line, object.get("label"), object.get("word"), lines.get(line - 1)
                    .substring(((Number) object.get("start")).intValue(), ((Number) object.get("end")).intValue())));
        }
        assertFalse(found.isEmpty());
        assertEquals(expected, found);
    }

    @Test
    void seedNotebook() throws Exception {
        SeedNotebook.main(new String[0]);
        Map<String, String> cells = new LinkedHashMap<>();
        for (String cell : printed().split(">>> ")) {
            int end = cell.indexOf('\n');
            cells.put(cell.substring(0, Math.max(end, 0)), cell.substring(end + 1).strip());
        }
        try (BertModel model = BertModel.fromPretrained(DEMO, LoadOptions.defaults().withInitSeed(0))) {
            assertEquals(model.toString(), cells.get("model"));
        }
        assertTrue(cells.get("model").startsWith("""
                BertModel(
                  (embeddings): BertEmbeddings(
                    (word_embeddings): Embedding(8192, 256, padding_idx=0)
                """), cells.get("model"));
        assertTrue(cells.get("model").contains("      (0-3): 4 x BertLayer(\n"), cells.get("model"));
        assertTrue(cells.get("tokenizer").startsWith("BertTokenizerFast(name_or_path="), cells.get("tokenizer"));
        assertEquals("[[CLS], A, dog, cha, ##ses, a, fox, [SEP]]",
                cells.get("tokenizer.convert_ids_to_tokens(inputs['input_ids'])"));
        assertEquals("[Tensor[1, 8, 256], Tensor[1, 256]]",
                cells.get("[o.shape for o in model(**inputs).to_tuple()]"));
        assertEquals("true", cells.get("the layers one by one give the same"));
        assertEquals("Tensor[1, 7, 8192]", cells.get("predictions.shape"));
        List<String> top = cells.get("torch.topk(torch.softmax(predictions[0, masked_index], -1), 10)").lines()
                .toList();
        assertEquals(10, top.size());
        assertTrue(top.stream().anyMatch(line -> line.startsWith("see ")), top.toString());
    }

    private static HttpResponse<String> send(HttpClient client, String url, String method, BodyPublisher body)
            throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(url)).method(method, body).build(),
                BodyHandlers.ofString());
    }

    @Test
    void classificationService() throws Exception {
        Path folder = PIPELINES.resolve("classify3");
        Map<String, Object> expected = new LinkedHashMap<>();
        try (var classify = Pipelines.from(folder).textClassification()) {
            classify.apply("I like it.", TextClassificationOptions.defaults().withTopK(3))
                    .forEach(label -> expected.put(label.label(), label.score()));
        }
        try (var thread = Executors.newSingleThreadExecutor(); var enter = new PipedOutputStream();
                var input = new PipedInputStream(enter); HttpClient client = HttpClient.newHttpClient()) {
            System.setIn(input);
            Future<Void> service = thread.submit(() -> {
                ClassificationService.main(new String[] {folder.toString(), "0"});
                return null;
            });
            Matcher matcher = URL.matcher(printed());
            while (!matcher.find()) {
                assertFalse(service.isDone(), "The service ended.");
                Thread.sleep(20);
                matcher = URL.matcher(printed());
            }
            String url = matcher.group();
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).POST(BodyPublishers.ofString("I like it."))
                    .build();
            for (int i = 0; i < 20; i++) {
                answers.add(client.sendAsync(request, BodyHandlers.ofString()));
            }
            for (CompletableFuture<HttpResponse<String>> answer : answers) {
                assertEquals(200, answer.get().statusCode());
                Map<?, ?> scores = (Map<?, ?>) Json.parse(answer.get().body(), "an answer");
                assertEquals(List.copyOf(expected.keySet()), List.copyOf(scores.keySet()));
                scores.forEach((label, score) -> assertEquals(expected.get(label), ((Number) score).floatValue()));
            }
            assertEquals(400, send(client, url, "GET", BodyPublishers.noBody()).statusCode());
            assertEquals(400, send(client, url, "POST", BodyPublishers.ofString(" ")).statusCode());
            HttpResponse<String> tooLong = send(client, url, "POST", BodyPublishers.ofString("word ".repeat(500)));
            assertEquals(400, tooLong.statusCode());
            assertTrue(tooLong.body().contains("502 tokens"), tooLong.body());

            enter.write('\n');
            enter.flush();
            service.get(20, TimeUnit.SECONDS);
            assertThrows(ConnectException.class, () -> send(client, url, "POST", BodyPublishers.ofString("a")));
        }
    }
}
