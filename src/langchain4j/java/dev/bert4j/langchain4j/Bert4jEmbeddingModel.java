package dev.bert4j.langchain4j;

import dev.bert4j.LoadOptions;
import dev.bert4j.sentence.SentenceEncoder;
import dev.bert4j.sentence.SentenceOptions;
import dev.bert4j.service.BatchSettings;
import dev.bert4j.service.MicroBatcher;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * LangChain4j's embeddings from a {@link SentenceEncoder}, with its bits. Thread-safe.
 *
 * <pre>{@code
 * try (var model = Bert4jEmbeddingModel.fromPretrained(Path.of("all-MiniLM-L6-v2"))) {
 *     store.addAll(model.embedAll(segments).content(), segments);
 * }
 * }</pre>
 *
 * <p>The token usage of an answer is what the model saw: special tokens and prompts count, and what was cut off does
 * not. A request may ask for fewer dimensions, which are the leading ones, and, of a model that has such prompts, say
 * that its texts are queries or documents.
 */
public final class Bert4jEmbeddingModel implements EmbeddingModel, AutoCloseable {
    private static final String QUERY_PROMPT = "query";
    /** What models call the prompt of a document; the first that is there is taken, as in the reference. */
    private static final List<String> DOCUMENT_PROMPTS = List.of("document", "passage", "corpus");

    private final SentenceEncoder encoder;
    private final boolean ownsEncoder;
    private final SentenceOptions options;
    private final String modelName;
    private final MicroBatcher<EmbeddingRequest, EmbeddingResponse> batcher;

    private Bert4jEmbeddingModel(Builder builder) {
        encoder = builder.encoder;
        ownsEncoder = builder.ownsEncoder;
        options = builder.options;
        modelName = builder.modelName;
        batcher = builder.batching == null ? null
                : new MicroBatcher<>(this::answer, Bert4jEmbeddingModel::characters, builder.batching);
    }

    /**
     * Opens a folder, whose last name is that of the model.
     *
     * @throws IOException if a file is missing or damaged, or says what is not supported; the message names it
     */
    public static Bert4jEmbeddingModel fromPretrained(Path folder) throws IOException {
        return builder(SentenceEncoder.fromPretrained(folder)).ownsEncoder()
                .modelName(folder.toAbsolutePath().normalize().getFileName().toString()).build();
    }

    /**
     * Opens a folder, or a model of the hub by its name.
     *
     * @throws IOException if it cannot be fetched or opened
     */
    public static Bert4jEmbeddingModel fromPretrained(String nameOrFolder, LoadOptions options) throws IOException {
        return builder(SentenceEncoder.fromPretrained(nameOrFolder, options)).ownsEncoder().modelName(nameOrFolder)
                .build();
    }

    /** Makes one of an encoder, which stays the caller's to close unless it says otherwise. */
    public static Builder builder(SentenceEncoder encoder) {
        return new Builder(encoder);
    }

    /** What a model is made of. */
    public static final class Builder {
        private final SentenceEncoder encoder;
        private boolean ownsEncoder;
        private SentenceOptions options = SentenceOptions.defaults();
        private String modelName = "unknown";
        private BatchSettings batching;

        private Builder(SentenceEncoder encoder) {
            this.encoder = encoder;
        }

        /** Closing the model closes the encoder, too. */
        public Builder ownsEncoder() {
            ownsEncoder = true;
            return this;
        }

        /** How texts are encoded where a request does not say otherwise. */
        public Builder options(SentenceOptions defaults) {
            options = defaults;
            return this;
        }

        /** What {@link #modelName()} answers; "unknown" where nobody says it. */
        public Builder modelName(String name) {
            modelName = name;
            return this;
        }

        /**
         * Lets requests of many threads run together, and answers asynchronous ones, which LangChain4j otherwise
         * refuses. What a request weighs are the characters of its texts.
         */
        public Builder batching(BatchSettings settings) {
            batching = settings;
            return this;
        }

        /** The model. */
        public Bert4jEmbeddingModel build() {
            return new Bert4jEmbeddingModel(this);
        }
    }

    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        if (batcher == null) {
            return answer(List.of(request)).getFirst();
        }
        try {
            return batcher.call(request);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The thread was interrupted while it waited for its embeddings.", e);
        }
    }

    @Override
    public CompletableFuture<EmbeddingResponse> doEmbedAsync(EmbeddingRequest request) {
        return batcher == null ? EmbeddingModel.super.doEmbedAsync(request) : batcher.submit(request);
    }

    private static long characters(EmbeddingRequest request) {
        return texts(request).mapToLong(String::length).sum();
    }

    private static Stream<String> texts(EmbeddingRequest request) {
        return request.inputs().stream().map(EmbeddingInput::text);
    }

    /** Requests that are to be encoded alike go to one call. */
    private List<EmbeddingResponse> answer(List<EmbeddingRequest> requests) {
        EmbeddingResponse[] answers = new EmbeddingResponse[requests.size()];
        Map<SentenceOptions, List<Integer>> alike = IntStream.range(0, answers.length).boxed()
                .collect(Collectors.groupingBy(i -> options(requests.get(i))));
        alike.forEach((how, numbers) -> {
            List<String> texts = numbers.stream().flatMap(i -> texts(requests.get(i))).toList();
            Iterator<float[]> vectors = List.of(encoder.encode(texts, how)).iterator();
            numbers.forEach(i -> answers[i] = response(requests.get(i), how, vectors));
        });
        return List.of(answers);
    }

    private EmbeddingResponse response(EmbeddingRequest request, SentenceOptions how, Iterator<float[]> vectors) {
        List<Embedding> embeddings = new ArrayList<>();
        request.inputs().forEach(input -> embeddings.add(Embedding.from(vectors.next())));
        int tokens = texts(request).mapToInt(text -> encoder.tokenCount(text, how)).sum();
        return EmbeddingResponse.builder().embeddings(embeddings).modelName(modelName)
                .tokenUsage(new TokenUsage(tokens)).build();
    }

    private SentenceOptions options(EmbeddingRequest request) {
        SentenceOptions asked = request.dimensions() == null ? options : options.withTruncateDim(request.dimensions());
        String prompt = request.inputType() == null ? null : promptName(request.inputType());
        return prompt == null ? asked : asked.withPrompt(null).withPromptName(prompt);
    }

    /** The name of the prompt for such texts, or null. */
    private String promptName(EmbeddingInputType type) {
        List<String> names = type == EmbeddingInputType.QUERY ? List.of(QUERY_PROMPT) : DOCUMENT_PROMPTS;
        return names.stream().filter(encoder.prompts()::containsKey).findFirst().orElse(null);
    }

    /** Fewer dimensions; whether texts are queries or documents, if the model has a prompt for either. */
    @Override
    public Set<EmbeddingParameter<?>> supportedParameters() {
        boolean types = Stream.of(EmbeddingInputType.values()).anyMatch(type -> promptName(type) != null);
        return types ? Set.of(EmbeddingRequestParameters.DIMENSIONS, EmbeddingRequestParameters.INPUT_TYPE)
                : Set.of(EmbeddingRequestParameters.DIMENSIONS);
    }

    @Override
    public int dimension() {
        return options.truncateDim() > 0 ? options.truncateDim() : encoder.dimension();
    }

    @Override
    public String modelName() {
        return modelName;
    }

    /** Answers what was accepted and ends; closes the encoder if it was opened here or {@code ownsEncoder} was said. */
    @Override
    public void close() {
        if (batcher != null) {
            batcher.close();
        }
        if (ownsEncoder) {
            encoder.close();
        }
    }
}
