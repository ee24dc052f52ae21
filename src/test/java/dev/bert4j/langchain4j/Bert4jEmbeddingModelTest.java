package dev.bert4j.langchain4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.BertTokenizer;
import dev.bert4j.Golden;
import dev.bert4j.LoadOptions;
import dev.bert4j.sentence.SentenceEncoder;
import dev.bert4j.sentence.SentenceOptions;
import dev.bert4j.service.BatchSettings;
import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.AsyncNotSupportedException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.store.embedding.EmbeddingMatch;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.filter.MetadataFilterBuilder;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** LangChain4j gets what the encoder gives, to the bit, and its stores work with it. */
class Bert4jEmbeddingModelTest {
    private static final Path FOLDERS = Golden.resources().resolve("sentence");
    private static final Path FOLDER = FOLDERS.resolve("normalize");
    private static final Path PROMPTS = FOLDERS.resolve("prompts");
    private static final List<String> TEXTS = List.of("A dog chases a fox", "John lives in New York",
            "She wrote a book about the war", "one two three", "It was good. ".repeat(40), "The team won the war");

    private static List<TextSegment> segments() {
        return IntStream.range(0, TEXTS.size())
                .mapToObj(i -> TextSegment.from(TEXTS.get(i), new Metadata().put("place", i))).toList();
    }

    private static void requireVectors(float[][] expected, List<Embedding> found) {
        assertEquals(expected.length, found.size());
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], found.get(i).vector());
        }
    }

    @Test
    void vectorsHaveTheBitsOfTheEncoder() throws Exception {
        try (var encoder = SentenceEncoder.fromPretrained(FOLDER);
                var model = Bert4jEmbeddingModel.fromPretrained(FOLDER)) {
            float[][] expected = encoder.encode(TEXTS);
            requireVectors(expected, model.embedAll(segments()).content());
            assertArrayEquals(expected[2], model.embed(TEXTS.get(2)).content().vector());
            assertEquals(List.of(), model.embedAll(List.of()).content());
            assertEquals(encoder.dimension(), model.dimension());
            assertEquals("normalize", model.modelName());
        }
    }

    /** The nearest first, in the order that comparing with each of them gives. */
    @Test
    void aStoreFindsTheNearestSegments() throws Exception {
        String query = "The dog chases the fox";
        try (var encoder = SentenceEncoder.fromPretrained(FOLDER);
                var model = Bert4jEmbeddingModel.builder(encoder).build()) {
            var store = new InMemoryEmbeddingStore<TextSegment>();
            store.addAll(model.embedAll(segments()).content(), segments());
            float[][] alike = encoder.similarity(encoder.encode(List.of(query)), encoder.encode(TEXTS));
            List<String> expected = IntStream.range(0, TEXTS.size()).boxed()
                    .sorted(Comparator.comparing((Integer i) -> -alike[0][i])).map(TEXTS::get).toList();
            var search = EmbeddingSearchRequest.builder().queryEmbedding(model.embed(query).content()).maxResults(9);
            List<EmbeddingMatch<TextSegment>> found = store.search(search.build()).matches();
            assertEquals(expected, found.stream().map(match -> match.embedded().text()).toList());
            assertEquals((alike[0][TEXTS.indexOf(expected.getFirst())] + 1) / 2, found.getFirst().score(), 1e-6);

            var filtered = search.filter(MetadataFilterBuilder.metadataKey("place").isBetween(1, 2)).build();
            assertEquals(expected.stream().filter(TEXTS.subList(1, 3)::contains).toList(),
                    store.search(filtered).matches().stream().map(match -> match.embedded().text()).toList());
            for (String text : TEXTS) {
                var same = EmbeddingSearchRequest.builder().queryEmbedding(model.embed(text).content()).maxResults(1);
                assertEquals(text, store.search(same.build()).matches().getFirst().embedded().text());
            }
        }
    }

    @Test
    void whatTheModelSawIsCounted() throws Exception {
        BertTokenizer tokenizer = BertTokenizer.fromPretrained(FOLDER);
        int whole = tokenizer.encode(TEXTS.getFirst()).size();
        try (var encoder = SentenceEncoder.fromPretrained(FOLDER);
                var model = Bert4jEmbeddingModel.fromPretrained(FOLDER);
                var prompts = Bert4jEmbeddingModel.fromPretrained(PROMPTS)) {
            assertEquals(whole, model.embed(TEXTS.getFirst()).tokenUsage().inputTokenCount());
            assertTrue(tokenizer.encode(TEXTS.get(4)).size() > encoder.maxSeqLength());
            assertEquals(whole + encoder.maxSeqLength(), model.embedAll(List.of(TextSegment.from(TEXTS.getFirst()),
                    TextSegment.from(TEXTS.get(4)))).tokenUsage().totalTokenCount());
            int prompted = BertTokenizer.fromPretrained(PROMPTS).encode("query: " + TEXTS.getFirst()).size();
            assertEquals(prompted, prompts.embed(TEXTS.getFirst()).tokenUsage().inputTokenCount());
        }
    }

    private static EmbeddingRequest.Builder request(String text) {
        return EmbeddingRequest.builder().input(text);
    }

    private static float[] vector(EmbeddingResponse response) {
        return response.embeddings().getFirst().vector();
    }

    @Test
    void requestsSayDimensionsAndTypes() throws Exception {
        SentenceOptions normal = SentenceOptions.defaults().normalized();
        String text = TEXTS.getFirst();
        try (var encoder = SentenceEncoder.fromPretrained(PROMPTS);
                var model = Bert4jEmbeddingModel.builder(encoder).options(normal).modelName("mine").build();
                var short8 = Bert4jEmbeddingModel.builder(encoder).options(normal.withTruncateDim(8)).build();
                var literal = Bert4jEmbeddingModel.builder(encoder).options(normal.withPrompt("x ")).build();
                var plain = Bert4jEmbeddingModel.fromPretrained(FOLDER.toString(), LoadOptions.defaults())) {
            float[] document = encoder.encode(List.of(text), normal.withPromptName("passage"))[0];
            float[] query = encoder.encode(List.of(text), normal.withPromptName("query"))[0];
            EmbeddingRequest asDocument = request(text).inputType(EmbeddingInputType.DOCUMENT).build();
            assertArrayEquals(document, vector(model.embed(asDocument)));
            assertArrayEquals(document, vector(literal.embed(asDocument)));
            assertArrayEquals(query, vector(literal.embed(request(text).inputType(EmbeddingInputType.QUERY).build())));
            float[] cut = encoder.encode(List.of(text), normal.withTruncateDim(8))[0];
            EmbeddingResponse response = model.embed(request(text).dimensions(8).build());
            assertArrayEquals(cut, vector(response));
            assertEquals("mine", response.metadata().modelName());
            assertArrayEquals(cut, short8.embed(text).content().vector());
            assertEquals(8, short8.dimension());
            assertEquals("truncateDim is 1000, and vectors of this model have " + encoder.dimension() + " values.",
                    assertThrows(IllegalArgumentException.class,
                            () -> model.embed(request(text).dimensions(1000).build())).getMessage());
            // Of a model without prompts nobody may think that it knows queries from documents.
            assertThrows(UnsupportedFeatureException.class, () -> plain.embed(asDocument));
        }
    }

    @Test
    void requestsOfManyThreadsRunTogether() throws Exception {
        try (var encoder = SentenceEncoder.fromPretrained(FOLDER);
                var model = Bert4jEmbeddingModel.builder(encoder).batching(BatchSettings.defaults()).build();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            float[][] expected = encoder.encode(TEXTS);
            float[][] cut = encoder.encode(TEXTS, SentenceOptions.defaults().withTruncateDim(4));
            List<Future<Embedding>> calls = new ArrayList<>();
            List<CompletableFuture<EmbeddingResponse>> futures = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                String text = TEXTS.get(i % TEXTS.size());
                calls.add(threads.submit(() -> model.embed(text).content()));
                futures.add(model.embedAsync(request(text).input(TEXTS.getFirst()).dimensions(4).build()));
            }
            for (int i = 0; i < 60; i++) {
                assertArrayEquals(expected[i % TEXTS.size()], calls.get(i).get().vector());
                requireVectors(new float[][] {cut[i % TEXTS.size()], cut[0]}, futures.get(i).get().embeddings());
            }
            // One that cannot be answered fails alone.
            CompletableFuture<EmbeddingResponse> bad = model.embedAsync(request("a").dimensions(1000).build());
            CompletableFuture<EmbeddingResponse> good = model.embedAsync(request(TEXTS.getFirst()).build());
            assertInstanceOf(IllegalArgumentException.class,
                    assertThrows(ExecutionException.class, bad::get).getCause());
            assertArrayEquals(expected[0], vector(good.get()));
        }
    }

    @Test
    void whatIsClosedTakesNothing() throws Exception {
        try (var encoder = SentenceEncoder.fromPretrained(FOLDER)) {
            var model = Bert4jEmbeddingModel.builder(encoder).batching(BatchSettings.defaults()).build();
            model.close();
            assertThrows(RejectedExecutionException.class, () -> model.embed("a"));
        }
    }

    @Test
    void withoutBatchesNothingIsAsynchronous() throws Exception {
        try (var model = Bert4jEmbeddingModel.fromPretrained(FOLDER)) {
            assertInstanceOf(AsyncNotSupportedException.class, assertThrows(ExecutionException.class,
                    () -> model.embedAsync(request("a").build()).get()).getCause());
        }
    }

    @Test
    void anEncoderThatWasGivenStaysOpen() throws Exception {
        try (var encoder = SentenceEncoder.fromPretrained(FOLDER)) {
            Bert4jEmbeddingModel.builder(encoder).build().close();
            encoder.encode("open");
            var owner = Bert4jEmbeddingModel.builder(encoder).ownsEncoder().build();
            owner.close();
            assertThrows(IllegalStateException.class, () -> encoder.encode("closed"));
            assertThrows(IllegalStateException.class, () -> owner.embed("closed"));
        }
    }
}
