package dev.bert4j.cli;

import dev.bert4j.hub.Hub;
import dev.bert4j.json.Json;
import dev.bert4j.sentence.SentenceEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bert similarity TEXT TEXT…}. */
@Command(name = "similarity", mixinStandardHelpOptions = true,
        description = "Prints how alike the first text is to each of the others, by the model's own measure.")
final class SimilarityCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FolderOptions options;

    @Mixin
    private BackendOptions backend;

    @Parameters(index = "0", paramLabel = "TEXT", description = "The first text.")
    private String first;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "TEXT", description = "What it is compared with.")
    private List<String> others;

    SimilarityCommand() {
    }

    @Override
    public Integer call() throws IOException {
        Path folder = options.folder(null, Hub::download);
        try (SentenceEncoder encoder = SentenceEncoder.fromPretrained(folder, backend.load())) {
            float[][] to = encoder.encode(others);
            float[] from = encoder.encode(first);
            for (int i = 0; i < to.length; i++) {
                float score = encoder.similarityFunction().of(from, to[i]);
                spec.commandLine().getOut().println(options.json()
                        ? Json.write(Answers.object("text", others.get(i), "score", score))
                        : Answers.score(score) + "  " + others.get(i));
            }
        }
        return 0;
    }
}
