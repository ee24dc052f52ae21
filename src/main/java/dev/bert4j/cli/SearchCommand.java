package dev.bert4j.cli;

import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.sentence.SemanticSearch;
import dev.bert4j.sentence.SemanticSearch.Hit;
import dev.bert4j.sentence.SentenceEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert search FILE QUERY}. */
@Command(name = "search", mixinStandardHelpOptions = true,
        description = "Prints the lines of a file that mean most nearly what a query does.")
final class SearchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Parameters(index = "0", paramLabel = "FILE", description = "A text on each line; - is the standard input.")
    private Path file;

    @Parameters(index = "1", paramLabel = "QUERY", description = "What to look for.")
    private String query;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "5",
            description = "How many lines; ${DEFAULT-VALUE} by default.")
    private int topK;

    SearchCommand() {
    }

    @Override
    public Integer call() throws IOException {
        List<String> lines = LineReader.lines(file);
        Path folder = options.folder(null, Hub::download);
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(folder, backend.load())) {
            var search = new SemanticSearch(encoder.encode(lines), encoder.similarityFunction());
            for (Hit hit : search.search(encoder.encode(query), topK)) {
                String line = lines.get(hit.corpusId());
                spec.commandLine().getOut().println(options.json()
                        ? Json.write(Answers.object("line", hit.corpusId() + 1, "score", hit.score(), "text", line))
                        : Answers.score(hit.score()) + "  " + line);
            }
        }
        return 0;
    }
}
