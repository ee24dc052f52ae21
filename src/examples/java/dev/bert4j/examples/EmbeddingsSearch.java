/*
 * Semantic search: the sentences that mean most nearly what a query says.
 *
 *     java --module-path target/bert4j.jar:target/lib --add-modules dev.bert4j \
 *         src/examples/java/dev/bert4j/examples/EmbeddingsSearch.java [MODEL [QUERY]]
 *
 * MODEL is a folder, or a name at the hub such as sentence-transformers/all-MiniLM-L6-v2, which was trained for this.
 * The default is the small model among the sources; it was not, and finds what has words in common.
 */
package dev.bert4j.examples;

import dev.bert4j.LoadOptions;
import dev.bert4j.sentence.SemanticSearch;
import dev.bert4j.sentence.SemanticSearch.Hit;
import dev.bert4j.sentence.SentenceEncoder;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

final class EmbeddingsSearch {
    private static final List<String> SENTENCES = List.of(
            "A dog chases a fox through the garden.",
            "The train to Madrid leaves at nine.",
            "She drinks a cup of tea in the morning.",
            "He wrote a book about the war.",
            "It will rain in the mountains tomorrow.",
            "My sister plays the piano every day.",
            "The cat sleeps on the old chair.",
            "We bought bread and milk at the market.");

    private EmbeddingsSearch() {
    }

    static void main(String[] args) throws IOException {
        String model = args.length > 0 ? args[0] : "src/models/demo";
        String query = args.length > 1 ? args[1] : "The dog runs after the cat in the garden.";
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(model, LoadOptions.defaults())) {
            // Once for the corpus; from then on a query costs one forward pass and one comparison with each vector.
            var search = new SemanticSearch(encoder.encode(SENTENCES), encoder.similarityFunction());
            System.out.println(query);
            for (Hit hit : search.search(encoder.encode(query), 3)) {
                System.out.printf(Locale.ROOT, "  %.4f  %s%n", hit.score(), SENTENCES.get(hit.corpusId()));
            }
        }
    }
}
