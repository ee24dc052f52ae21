package dev.bert4j.cli;

import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.sentence.CrossEncoder;
import dev.bert4j.sentence.CrossEncoder.Ranked;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bert rerank --model DIR --query QUERY TEXT…}. */
@Command(name = "rerank", mixinStandardHelpOptions = true,
        description = "Orders texts by how well they answer a query, with a cross-encoder.")
final class RerankCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Mixin
    private TextArguments arguments;

    @Option(names = "--query", required = true, paramLabel = "QUERY", description = "The query.")
    private String query;

    @Option(names = "--top-k", paramLabel = "K", description = "How many of the best; by default all.")
    private Integer topK;

    RerankCommand() {
    }

    @Override
    public Integer call() throws IOException {
        if (topK != null && topK < 1) {
            throw new ParameterException(spec.commandLine(), "--top-k must be at least 1, not " + topK + ".");
        }
        List<String> documents;
        try (Stream<String> texts = arguments.texts()) {
            documents = texts.toList();
        }
        Path folder = options.named(Hub::download);
        try (CrossEncoder encoder = CrossEncoder.fromPretrained(folder, backend.load())) {
            List<Ranked> ranked = encoder.rank(query, documents);
            for (Ranked each : topK == null ? ranked : ranked.subList(0, Math.min(topK, ranked.size()))) {
                spec.commandLine().getOut().println(options.json()
                        ? Json.write(Answers.object("corpus_id", each.corpusId(), "score", each.score(), "text",
                                each.text()))
                        : Answers.score(each.score()) + "  " + each.text());
            }
        }
        return 0;
    }
}
